def test_x(world): print(world.training['models'])
