"""What people type and what the texts call it: everyday words beside ours, and words that say nothing.

Written down here only. An everyday word finds its own pages first and those of the word beside it after
them; where `LEADS` has the word, those of ours come first. `SUBJECT` has stems.
"""

from __future__ import annotations

import re

SAYING_NOTHING = (
    "not no never yes much many more most very really ever any anything something someone please want wants"
    " need needs get gets got getting give tell know knows think like just now still too also make makes help"
    " mean means meaning let us im ive id hes shes its were theyre youre whats wheres whos hows theres thats"
    " cannot cant dont doesnt didnt wont wouldnt couldnt shouldnt isnt arent wasnt havent hasnt hadnt"
    " ago may might must shall should him hers himself herself them hello hi near me best good bad"
)
# Left out of a query that has other words: a question is asked with them, and they are not its subject.
FILLERS = frozenset(SAYING_NOTHING.split())
# Negations as the plain words of a query, before what somebody is not able to do.
NOT_ABLE = ("cannot", "can not", "cant", "could not", "does not", "doesnt", "do not", "wont", "not")
BLEEDS = ("bleed", "bleeds", "bleeding")
ASKING = ("does it", "do they", "did it", "will it", "can it", "could it", "would it")
# Read as one thing, between blanks, before anything else. An empty one asks for nothing.
PHRASES = (
    ("stemcell", "stem cell"),
    ("stemcells", "stem cells"),
    ("how much", "price"),
    ("success rate", "success"),
    ("memory loss", "memory"),
    ("clinical trial", "trial"),  # "clinical" and "clinic" are one word to the index
    ("clinical trials", "trials"),
    *((f"{bleed} {place} brain", "bleed stroke") for bleed in BLEEDS for place in ("in the", "on the")),
    *((f"brain {bleed}", "bleed stroke") for bleed in BLEEDS),
    # It is the cells they ask about, not whether rehabilitation works.
    *((f"{asks} {does}", "benefit") for asks in ASKING for does in ("work", "help")),
    *((f"stem cells {does}", "stem cells benefit") for does in ("work", "help")),
    *(
        (f"is it{how} for {whom}", "eligible")
        for how in ("", " good", " right", " ok", " suitable")
        for whom in ("him", "her", "me", "us")
    ),
    *((f"{go} blind", "blindness") for go in ("go", "goes", "going", "went", "get", "be")),
    ("side effects", "dangers"),
    ("side effect", "dangers"),
    *((f"{cannot} {speak}", f"{speak} aphasia") for cannot in NOT_ABLE for speak in ("speak", "talk")),
    *((f"{cannot} move", "paralysed") for cannot in NOT_ABLE),
)
# What somebody types who despairs, as plain words between blanks. To give up something is another matter.
DESPAIR = re.compile(
    r"(?<= )(?:"
    r"su[iy]?[cs][iy]d\w*|(?:want|wants|wanted|wanna|wish|wishes) (?:to )?die|better off dead|self harm"
    r"|(?:kill|hurt|harm)(?:ing)? (?:myself|himself|herself|themselves)|(?:not|dont|doesnt) want to live"
    r"|(?:end|ending|take|taking) (?:my|his|her) (?:own )?life|end it all|tired of (?:life|living)"
    r"|no reason to live|(?:cant|cannot|can not) go on|(?:no|lost|without) hope|hopeless"
    r"|(?:give|gives|giving|gave|given) up(?= $)"
    r")(?= )"
)
# What people type in Spanish, German and Turkish, as plain words between blanks, however they spell it.
FOREIGN = (
    (re.compile(r"(?<= )(?:cel+ul[aeo]s? (?:madres?|troncal(?:es)?)|kok hucre\w*)(?= )"), "stem cells"),
    (re.compile(r"(?<= )stam+z?el+(?:en)?(?:therapien?|behandlung)?(?= )"), "stem cells"),
    (re.compile(r"(?<= )(?:derrame cerebral|infarto cerebral|ictus|schlaganfall|inme|felc)(?= )"), "stroke"),
    (re.compile(r"(?<= )(?:precios?|costo|coste|preise?|kosten|fiyat\w*)(?= )"), "price"),
)
# Everyday words, and ours.
MEANINGS: tuple[tuple[str, str], ...] = (
    (
        "father mother dad daddy mum mom mummy parent husband wife spouse son daughter brother sister"
        " grandfather grandmother grandpa grandma uncle aunt relative carer",
        "caregiver family",
    ),
    (
        "scam scammer fraud fake trick con swindle cheat hoax lie legit legitimate genuine",
        "warning website checklist",
    ),
    ("safe safety unsafe danger dangerous complication", "risk harm"),
    ("price fee cheap expensive afford money dollar euro usd pound charge", "cost"),
    ("pay paid", "cost"),
    ("paralysed paralysis hemiplegia weak walk leg", "recovery weakness practice movement paralysis"),
    ("aphasia dysphasia speak talk", "aphasia speech speaking"),
    ("guarantee assurance", "promise"),
    ("doctor gp neurologist physician clinician specialist", "doctor"),
    ("plane airplane aeroplane airport", "flying travel"),
    ("fly flight abroad", "travel"),
    ("physio physiotherapy physiotherapist", "rehabilitation therapist"),
    ("die dead death mortality", "died death"),
    ("bleed bleeding", "haemorrhagic"),
    ("clot blockage", "ischaemic"),
    ("tumour tumors tumours cancer cancers lump lumps", "tumour risk harm"),
    ("mini ministroke tia", "sign stroke"),
    ("success successful chance chances odds", "benefit"),
    ("memory remember forget forgetful confused confusion", "think thinking"),
    ("exercise exercises gym workout", "practice rehabilitation"),
    ("swallow swallowing dysphagia", "speech therapist"),
    ("testimonial testimonials review reviews", "story website"),
    ("turkey", "turkiye"),
    ("legal allowed fda licensed", "approved"),
    ("cure cured heal", "recovery benefit"),
    ("rehab", "rehabilitation"),
    ("oedema", "swelling"),
    ("eye eyes eyesight sight vision blind", "blindness sight"),
    ("eligible suitable candidate qualify", "trial"),
)  # fmt: skip
OF_RISK_AND_COST = (
    "safe safety unsafe danger dangers dangerous price prices fee fees cheap expensive afford money"
)
OF_HARM_AND_BENEFIT = (
    "tumor tumors tumour tumours cancer cancers lump lumps success chance chances cure cured"
)
LEADS = frozenset(f"{OF_RISK_AND_COST} {OF_HARM_AND_BENEFIT}".split())
# Where people are offered cells. Who types one of these looks for a clinic, and we recommend none.
COUNTRIES = (
    "bahamas bali china colombia dubai georgia germany india korea malaysia mexico panama philippines russia"
    " serbia thailand turkey turkiye uae ukraine vietnam"
)
# Nearly every page is about these: beside another word they hardly say which.
SUBJECT = frozenset(("stem", "cell", "stroke", "therapi", "treatment"))
