"""What is learned and what ranks: propensity, value, explanations, encoder, policy, recommender, bundle."""
