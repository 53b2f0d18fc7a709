"""Words that companies' names are made of, by language: invented roots, and what a company of an industry calls itself."""

from dataclasses import dataclass

INDUSTRIES = (
    "manufacturing",
    "financial_services",
    "healthcare",
    "retail",
    "public_sector",
    "energy_utilities",
    "logistics",
    "technology",
)


@dataclass(frozen=True, slots=True)
class Words:
    """A language's words.

    Parameters
    ----------
    heads, tails : halves of invented roots; in Japanese and Chinese, each in its script with its reading.
    trades : per industry, in the order of ``INDUSTRIES``, what follows the root, written ``word`` or ``word|reading``.
    """

    heads: tuple[str, ...]
    tails: tuple[str, ...]
    trades: tuple[tuple[str, ...], ...]


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _trades(*industries: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(words.split(", ")) for words in industries)


WORDS = {
    "de": Words(
        _split("Bren Hald Lor Mött Grün Wes Tann Kess Rau Stei Ühl Falk Dorn Hax Vier Zell Ried Owen Tröm Klau Egg Nied "
               "Sall Arn Jöh Pless Querf Moos Wülf Gerst Bäum Isen Lich Traun Schwo Ebb Kolm Hünt Varr Nord"),
        _split("vald meck stedt linger hausen bronn feldt marck rath wieser acker torff scheid zinger holm egger ritz "
               "kamp loher bülow tigen dahl gart öder wangen berk sietz nauer pfad hoven"),
        _trades("Maschinenbau, Fertigungstechnik, Werkzeugbau", "Finanzdienste, Versicherung, Kapital",
                "Kliniken, Medizintechnik, Pflegedienste", "Handel, Warenhaus, Versand",
                "Stadtwerke, Verkehrsbetriebe, Zweckverband", "Energie, Netzbetrieb, Kraftwerke",
                "Logistik, Spedition, Transporte", "Software, Datensysteme, Elektronik")),
    "en": Words(
        _split("Ald Brix Carn Dun Elm Fen Garr Holl Ing Kest Lang Marl Nor Oak Pell Quill Rav Sten Thorn Ul Vant Whit "
               "Yar Ash Blen Crof Dray Eber Foss Grim Hax Jarr Kip Lyd Mos Nev Orl Prent Ribb Sall Tarn Wex"),
        _split("bourne wick stow field haven moor dale croft ridge gate mere worth combe ford hurst lowe ston bridge "
               "ley brook tree vale pike shaw garth ham more well march tor"),
        _trades("Manufacturing, Precision Works, Engineering", "Financial, Mutual, Capital Partners",
                "Health, Medical Group, Care Homes", "Retail, Stores, Trading",
                "Transit Authority, Public Services, Housing Trust", "Energy, Power & Light, Utilities",
                "Logistics, Freight, Haulage", "Software, Data Systems, Networks")),
    "fr": Words(
        _split("Bel Cler Dour Éch Fon Gail Haut Joub Lann Mér Nèr Oss Plan Quer Riv Sauv Thev Vaud Ar Brév Chal Dès Épin "
               "Flor Grév Isn Lour Marn Noir Orv Pév Rouv Sén Tréb Ung Vign Bast Corm"),
        _split("mont vallon court dières rac nelle ville louse gnan tière bois sac viers aud meil zan court lieu rive "
               "seau lange nard baud mière tain fosse guet ronde"),
        _trades("Mécanique, Usinage, Industries", "Finance, Assurances, Gestion", "Santé, Cliniques, Dispositifs Médicaux",
                "Distribution, Magasins, Négoce", "Services Publics, Habitat, Transports Urbains",
                "Énergie, Réseaux, Électricité", "Logistique, Transports, Fret", "Logiciels, Numérique, Systèmes")),
    "es": Words(
        _split("Alb Bern Cast Dor Esp Ferr Gran Huer Iz Jar Lun Mont Nav Oliv Pal Quin Ros Sant Torr Urb Vald Zar Ber "
               "Cár Dáv Elg Fuen Guad Hin Lár Mér Niev Ors Peñ Riv Sól Tárr Vég"),
        _split("anda ejo illar uela ón alba ensa eral inar oso umbre azar ente ía aldo erra onda ique ubia echo amar "
               "ínez oria edal uño arco elva izo"),
        _trades("Metalúrgica, Fabricaciones, Talleres", "Seguros, Finanzas, Capital", "Clínicas, Salud, Sanitaria",
                "Comercial, Almacenes, Distribuciones", "Servicios Municipales, Transportes Urbanos, Vivienda",
                "Energía, Eléctrica, Renovables", "Logística, Transportes, Carga", "Tecnología, Informática, Sistemas")),
    "it": Words(
        _split("Alb Bor Cast Dell Ess Fior Gal Isol Lam Mont Nov Or Pal Quar Riv Sal Torr Urb Val Zan Bess Cer Dor Ferr "
               "Gresc Lod Mar Nerv Ort Pell Ross Ser"),
        _split("ano etti ina ello usco enza andi igo orno accio ese ago ossa unto avio eglia ulla iero anza ione etto "
               "ardi olfi essa"),
        _trades("Meccanica, Lavorazioni, Officine", "Finanziaria, Assicurazioni, Capitali",
                "Cliniche, Sanità, Biomedicale", "Commercio, Magazzini, Distribuzione",
                "Servizi Pubblici, Mobilità, Acquedotti", "Energia, Reti, Elettrica", "Logistica, Trasporti, Spedizioni",
                "Informatica, Sistemi, Software")),
    "pt": Words(
        _split("Alv Bar Cam Dour Est Fer Gon Hort Ita Jac Lag Mar Nog Ouri Par Quin Rib Sant Tap Ub Var Xav Cur Ser Pir "
               "Mog Car Jun Bot Arar"),
        _split("eira anema uva ópolis inho açu eta umba edo ial una ova ará esa oba irim onte anca apé uru elos itá"),
        _trades("Metalúrgica, Indústria, Usinagem", "Seguros, Financeira, Investimentos", "Saúde, Hospitais, Clínicas",
                "Comércio, Varejo, Atacado", "Serviços Públicos, Saneamento, Transporte Urbano",
                "Energia, Elétrica, Bioenergia", "Logística, Transportes, Cargas", "Tecnologia, Sistemas, Informática")),
    "nl": Words(
        _split("Brand Doorn Eik Graaf Heem IJs Kamp Lier Meer Noord Oost Polder Rijn Sluis Tolen Vaar Wester Zand Berk "
               "Dijk Eem Hoek Klaver Linde Molen Rozen"),
        _split("beek daal horst veld wijk burg stede hoven drecht kade zicht vliet mond loo rust kerk sloot hage laar "
               "donk zoom"),
        _trades("Machinefabriek, Metaalwerken, Techniek", "Verzekeringen, Financiën, Vermogen", "Zorg, Klinieken, Medisch",
                "Handel, Winkels, Groothandel", "Vervoerbedrijf, Waterbeheer, Woningstichting",
                "Energie, Netwerken, Warmte", "Logistiek, Transport, Expeditie", "Software, Automatisering, Data")),
    "sv": Words(
        _split("Ask Björk Dal Ek Fjäll Gran Häg Is Kvarn Lind Myr Norr Ös Rön Sjö Tall Ulv Väst Åk Äng Öst Berg Fors "
               "Holm Lav Sten"),
        _split("vik näs torp hamra backa lunda ryd sund mark fors boda ås holma gärde dala strand kulla hed"),
        _trades("Verkstad, Industri, Mekaniska", "Försäkring, Finans, Kapital", "Vård, Hälsa, Medicinteknik",
                "Handel, Butiker, Grossist", "Kollektivtrafik, Kommunalteknik, Bostäder", "Energi, Kraft, Elnät",
                "Logistik, Åkeri, Frakt", "Data, Programvara, Elektronik")),
    "ja": Words(
        _split("碧|Heki 暁|Aka 翠|Midori 蒼|Ao 澪|Mio 楓|Kaede 朔|Saku 凪|Nagi 瑞|Mizu 緋|Hi 霞|Kasumi 雫|Shizuku 椿|Tsubaki "
               "颯|Haya 櫂|Kai 篠|Shino 梓|Azusa 燈|Tou 麓|Fumoto 宵|Yoi 汐|Shio 榛|Hari 萩|Hagi 樺|Kaba"),
        _split("嶺|mine 泉|zumi 稜|ryo 潮|shio 杜|mori 峰|hou 渓|kei 礁|sho 畝|une 灘|nada 堰|seki 丘|oka 岬|misaki 淵|fuchi "
               "塚|zuka 浜|hama 窪|kubo 沢|zawa 垣|gaki 瀬|se 苑|en 台|dai"),
        _trades("精機|Seiki, 工業|Kogyo, 製作所|Seisakusho", "保険|Hoken, 金融|Kinyu, 投資|Toshi",
                "医療|Iryo, 病院|Byoin, 製薬|Seiyaku", "商事|Shoji, 百貨店|Hyakkaten, 物産|Bussan",
                "交通局|Kotsukyoku, 水道|Suido, 公社|Kosha", "電力|Denryoku, 瓦斯|Gas, エネルギー|Energy",
                "物流|Butsuryu, 運輸|Unyu, 海運|Kaiun", "電子|Denshi, 情報システム|Joho Systems, ソフト|Soft")),
    "zh": Words(
        _split("瑞岚|Ruilan 恒澜|Henglan 启珩|Qiheng 昱辰|Yuchen 锦泓|Jinhong 博峤|Boqiao 凌沅|Lingyuan 嘉屿|Jiayu 承翊|Chengyi "
               "朗烨|Langye 泽骁|Zexiao 铭霁|Mingji 云峥|Yunzheng 晟韬|Shengtao 禾沐|Hemu 远珈|Yuanjia"),
        _split("盛|sheng 达|da 源|yuan 信|xin 通|tong 联|lian 丰|feng 汇|hui 创|chuang 安|an 力|li 泰|tai 和|he 新|new"),
        _trades("精密机械|Precision Machinery, 制造|Manufacturing, 重工|Heavy Industries",
                "保险|Insurance, 金融服务|Financial Services, 资本|Capital", "医疗|Medical, 医药|Pharma, 健康|Health",
                "商贸|Trading, 百货|Stores, 零售|Retail", "公共交通|Public Transport, 水务|Water, 城市服务|City Services",
                "能源|Energy, 电力|Power, 新能源|New Energy", "物流|Logistics, 货运|Freight, 供应链|Supply Chain",
                "信息技术|Information Technology, 软件|Software, 电子|Electronics")),
}  # fmt: skip
