//! The [`Phrases`] of English.

use super::Topic::{Clause, Led, Thing};
use super::{Call, Count, Groups, Phrases, Words};

pub(super) fn phrases() -> Phrases {
    Phrases {
        stop_words: Words::new(&[DETERMINERS, LINKS, PRONOUNS, AUXILIARIES, FUNCTION, CONTRACTED]),
        determiners: Words::new(&[DETERMINERS]),
        subjects: Words::new(&["i you he she it we they everyone everybody people"]),
        numbers: Words::new(&["one two three four five six seven eight nine ten eleven twelve \
            twenty thirty forty fifty hundred
            thousand point first second third fourth fifth"]),
        question_words: Words::new(&["what how why where who"]),
        here: Words::new(&["here this these there"]),
        links: Words::new(&[LINKS]),
        verbs: Words::new(&[VERBS]),
        between: Words::new(&["also just then definitely probably really still please maybe \
            actually now quickly both all"]),
        vague: Words::new(&[VAGUE]),
        weak: Words::new(&[WEAK]),
        auxiliaries: Words::new(&[AUXILIARIES, "takes happens tried looked wrote think"]),
        joints: Words::new(&["so and but then now"]),
        binders: Words::new(&[
            "that because if when while since as than what how why where who which until before \
             after whether",
        ]),
        greetings: Groups::of(&[
            "hi",
            "hey",
            "hello",
            "good morning",
            "good afternoon",
            "good evening",
            "welcome",
            "dear",
        ]),
        audiences: Words::new(&[
            "all everyone everybody team folks guys people colleagues friends \
            there again together both",
        ]),
        closings: Groups::of(CLOSINGS),
        fillers: Groups::of(&["um", "uh", "uhm", "er", "erm", "hmm", "mhm"]),
        set_off_fillers: Groups::of(SET_OFF_FILLERS),
        openers: Words::new(&[
            "so and but okay ok now well anyway then also yeah yes right alright \
            oh like plus or",
        ]),
        pointers: Words::new(&["it it's that that's they they're this these those he she them \
            there's which one its"]),
        topics: Groups::new(TOPICS),
        weighty: Groups::of(WEIGHTY),
        narration: Groups::of(NARRATION),
        markers: Groups::of(MARKERS),
        counters: Groups::new(COUNTERS),
        introduction: "Introduction",
        calls: Groups::new(CALLS),
        work: Words::new(&[WORK]),
        telling: Words::new(&["show demo walk talk present explain go look cover introduce work \
            start begin say mention speak
            share"]),
        negations: Words::new(&["don't never not"]),
        watching: Words::new(&[
            "see imagine remember note notice hear listen look bear ignore forgive excuse guess \
             wait watch have be feel ask reach",
        ]),
        looking_after: Groups::of(&["look into", "look after", "have a look"]),
        reasons: Words::new(&["because since unless although whether while"]),
        conditions: Words::new(&["if when whenever once unless"]),
        deadlines: Words::new(&["by until till before"]),
        which: Words::new(&["next this coming"]),
        spans: Words::new(&["week weekend month quarter sprint year iteration january february \
            march april may june july august
            september october november december"]),
        days: Words::new(&["monday tuesday wednesday thursday friday saturday sunday tomorrow \
            today tonight noon midnight eod"]),
        ordinals: Words::new(&[
            "first second third fourth fifth sixth seventh eighth ninth tenth \
            eleventh twelfth thirteenth
            fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth",
        ]),
        day_parts: Words::new(&["morning afternoon evening night noon"]),
        edges: Words::new(&["end beginning middle start"]),
    }
}

const DETERMINERS: &str =
    "the a an this these those our my your their his her its every each some any no both another";

const LINKS: &str =
    "of in to on at by for from with about between behind without under into over across";

const PRONOUNS: &str = "i you he she it we they me him us them myself yourself itself ourselves \
    themselves mine yours ours
    this that these those who whom somebody someone everybody everyone anybody anyone nobody \
    something anything everything
    nothing there one ones";

const AUXILIARIES: &str = "is are was were be been being am do does did done doing have has had \
    having will would can could
    should may might must shall cannot gonna wanna gotta let lets";

const FUNCTION: &str = "and or but nor so if then than as because since while when where which \
    what why how that whether
    though although until till unless not yes yeah no okay ok um uh like just also too very really \
    quite pretty still
    already yet ever never always often sometimes maybe perhaps probably actually basically \
    honestly literally simply
    even only again back up down out off away here there now today yesterday tomorrow first second \
    third next last finally
    well right left more most less least much many lot lots few little bit kind sort such same \
    other others own all half
    enough else around almost about above below after before during through against among per via \
    plus etc please thanks
    thank hello hi hey bye sorry welcome anyway once twice two three four five six seven eight \
    nine ten eleven twelve
    twenty thirty forty fifty sixty hundred thousand";

const CONTRACTED: &str =
    "i'm i'll i've i'd you're you'll you've you'd he's she's it's it'll we're \
    we'll we've we'd they're
    they'll they've they'd that's that'll there's here's what's who's where's how's let's isn't \
    aren't wasn't weren't don't
    doesn't didn't won't wouldn't can't couldn't shouldn't haven't hasn't hadn't";

/// Verbs that stand after nouns in spoken reports, in forms that are hardly ever nouns.
const VERBS: &str = "get gets got getting go goes went gone going come comes came coming make \
    makes made making take takes took
    taken put puts give gives gave given see sees saw seen seeing know knows knew known want wants \
    wanted need needs needed
    think thinks thought say says said tell tells told asked asks wrote written writes find finds \
    found keep keeps kept
    looks looked seems seemed feels felt happen happens happened become becomes became goes stop \
    stops stopped start
    starts started show shows showed shown try tries tried use uses used using work works worked \
    working fail fails failed
    break breaks broke broken fires fired runs ran bring brings brought leave leaves left let lets \
    set sets send sends sent
    stay stays stayed load loads loaded slow wait waits waited have having means meant mean \
    believe believes hope hopes
    prefer prefers like likes liked love loved move moves moved close closed closes grew grow \
    grows shrank went drop drops
    dropped click clicks clicked open opens opened choose chose chosen notice noticed noticing \
    contains contained needs
    depend depends talk talked talking explain explained reported report reports live lives lie \
    lies agree agreed decided
    decide decides expect expects expected allow allows allowed includes included takes stand \
    stands stood do don't
    slipped slips quick short proper bad good great nice better best small big funny weird";

/// Nouns that name nothing in particular, whatever stands before them.
const VAGUE: &str = "thing things stuff point points part parts way ways bit lot reason reasons \
    time times today day days
    morning afternoon evening minute minutes hour hours people person somebody case cases number \
    numbers side sides place
    places something word words background context moment fact rest end beginning middle kind \
    bottom top version look one
    example examples";

/// Nouns that name nothing alone.
const WEAK: &str = "video videos update updates problem problems issue issues question questions \
    feature features idea ideas
    topic topics week month year team teams news option options screen page pages line box boxes \
    step steps result results
    message goal list short little thought thoughts form forms button change changes work \
    customers customer user users";

const CLOSINGS: &[&str] = &[
    "thank you",
    "thanks",
    "bye",
    "cheers",
    "see you",
    "have a good",
    "have a great",
    "have a nice",
    "that's it",
    "that's all",
    "that is all",
    "that was it",
    "let me know if you have",
    "if you have questions",
    "if you have any questions",
    "leave them",
    "feel free",
    "sorry for",
    "sorry about",
    "no rush",
    "looking forward",
    "let me know what you think",
];

const SET_OFF_FILLERS: &[&str] = &[
    "you know",
    "i mean",
    "like",
    "well",
    "right",
    "i guess",
    "i think",
    "to be honest",
    "honestly",
    "basically",
    "actually",
    "or so",
    "or whatever",
    "i don't know",
    "kind of",
    "sort of",
    "by the way",
    "of course",
    "look",
    "first of all",
    "in fact",
    "you see",
    "and you see",
    "hmm no",
];

/// What names the topic, and what a title makes of it. The longest that fits counts.
const TOPICS: &[(&str, super::Topic)] = &[
    ("talk about", Thing),
    ("talk to you about", Thing),
    ("talk briefly about", Thing),
    ("speak about", Thing),
    ("this is about", Thing),
    ("video is about", Thing),
    ("message is about", Thing),
    ("it's about", Thing),
    ("a word about", Thing),
    ("short one about", Thing),
    ("quick one about", Thing),
    ("walk you through", Thing),
    ("take you through", Thing),
    ("guide you through", Thing),
    ("go through", Thing),
    ("show you", Thing),
    ("demo", Thing),
    ("demonstrate", Thing),
    ("introduce", Thing),
    ("present", Thing),
    ("look at", Thing),
    ("walk through", Thing),
    ("explain", Thing),
    ("found something weird in", Led("Problem with")),
    ("a problem with", Led("Problem with")),
    ("the problem with", Led("Problem with")),
    ("an issue with", Led("Issue with")),
    ("a bug in", Led("Bug in")),
    ("a bug with", Led("Bug in")),
    ("trouble with", Led("Trouble with")),
    ("update on", Led("Update on")),
    ("status of", Led("Status of")),
    ("report on", Led("Report on")),
    ("tour of", Led("Tour of")),
    ("tour through", Led("Tour of")),
    ("overview of", Led("Overview of")),
    ("introduction to", Led("Introduction to")),
    ("summary of", Led("Summary of")),
    ("recap of", Led("Recap of")),
    ("post-mortem for", Led("Post-mortem of")),
    ("post-mortem of", Led("Post-mortem of")),
    ("postmortem for", Led("Post-mortem of")),
    ("postmortem of", Led("Post-mortem of")),
    ("review of", Led("Review of")),
    ("feedback on", Led("Feedback on")),
    ("feedback about", Led("Feedback on")),
    ("feedback to", Led("Feedback on")),
    ("thanks for sharing", Led("Feedback on")),
    ("thank you for sharing", Led("Feedback on")),
    ("decision about", Led("Decision on")),
    ("decision on", Led("Decision on")),
    ("decision from you about", Led("Decision on")),
    ("decision from you on", Led("Decision on")),
    ("question about", Led("Question about")),
    ("a meeting with", Led("Meeting with")),
    ("thoughts on", Led("Thoughts on")),
    ("thoughts about", Led("Thoughts on")),
    ("an idea for", Led("Idea for")),
    ("an idea about", Led("Idea for")),
    ("proposal for", Led("Proposal for")),
    ("plan for", Led("Plan for")),
    ("show you how to", Clause("How to")),
    ("explain how to", Clause("How to")),
    ("you how to", Clause("How to")),
    ("learn how to", Clause("How to")),
    ("explain how", Clause("How")),
    ("show you how", Clause("How")),
    ("explain why", Clause("Why")),
];

const WEIGHTY: &[&str] = &[
    "problem",
    "because",
    "the reason",
    "result",
    "decided",
    "we decided",
    "in short",
    "overall",
    "important",
    "the main",
    "conclusion",
    "recommendation",
    "recommend",
    "propose",
    "proposal",
    "happens",
    "the cause",
    "caused",
    "it turns out",
    "what i did",
    "what we did",
    "finished",
    "missing",
    "doesn't work",
    "don't work",
    "fails",
    "broken",
    "costs",
    "percent",
    "the question is",
    "the risk",
    "biggest",
    "the change",
    "until now",
    "so that",
    "instead",
    "from now on",
    "blocked",
    "good news",
    "bad news",
    "my idea",
    "i would",
    "the most",
    "we move",
    "goes out",
];

const NARRATION: &[&str] = &[
    "let me",
    "you can see",
    "you see",
    "i click",
    "i will click",
    "i choose",
    "i type",
    "i select",
    "i open",
    "i drop",
    "if i click",
    "i go to",
    "here you",
    "look at",
    "as you",
    "on the left",
    "on the right",
    "i paste",
    "i just paste",
    "i'm going to",
    "i want to show",
    "walk you through",
    "i'll show",
    "i will show",
    "let's start",
    "let's move",
    "let's talk",
    "next part",
    "in this video",
    "this one",
    "one second",
    "here it is",
    "you should see",
];

const MARKERS: &[&str] = &[
    "first",
    "first of all",
    "next",
    "now",
    "okay now",
    "okay next",
    "so now",
    "next up",
    "finally",
    "lastly",
    "the next",
    "the last",
    "last",
    "moving on",
    "let's move on",
    "let's start",
    "let's talk",
    "let's look",
    "let's go",
    "so let's start",
    "so let's",
    "now let's",
    "now what",
    "now the",
    "another",
    "one more thing",
    "the other thing",
    "the second",
    "the third",
    "second",
    "third",
    "secondly",
    "in conclusion",
    "to sum up",
    "in summary",
    "alright",
    "let me show you",
    "then there",
    "then there's",
    "then there are",
    "okay so",
    "okay first",
    "there are some",
    "so here's",
    "as for",
    "coming to",
    "so plugins",
    "that brings",
    "part two",
    "part three",
    "before you start",
    "so the background",
    "the good news",
    "the bad news",
    "some background",
    "the root cause",
];

const COUNTERS: &[(&str, Count)] = &[
    ("first", Count::Nth(1)),
    ("firstly", Count::Nth(1)),
    ("first of all", Count::Nth(1)),
    ("the first", Count::Nth(1)),
    ("number one", Count::Nth(1)),
    ("second", Count::Nth(2)),
    ("secondly", Count::Nth(2)),
    ("the second", Count::Nth(2)),
    ("number two", Count::Nth(2)),
    ("third", Count::Nth(3)),
    ("thirdly", Count::Nth(3)),
    ("the third", Count::Nth(3)),
    ("number three", Count::Nth(3)),
    ("fourth", Count::Nth(4)),
    ("the fourth", Count::Nth(4)),
    ("number four", Count::Nth(4)),
    ("fifth", Count::Nth(5)),
    ("the fifth", Count::Nth(5)),
    ("number five", Count::Nth(5)),
    ("finally", Count::Last),
    ("lastly", Count::Last),
    ("last", Count::Last),
    ("the last", Count::Last),
];

const CALLS: &[(&str, Call)] = &[
    ("please", Call::Request),
    ("can you", Call::Request),
    ("can you please", Call::Request),
    ("could you", Call::Request),
    ("could you please", Call::Request),
    ("could we", Call::Request),
    ("can we", Call::Request),
    ("would you", Call::Request),
    ("would you please", Call::Request),
    ("make sure", Call::Request),
    ("make sure to", Call::Request),
    ("don't forget to", Call::Request),
    ("it would be great if you could", Call::Request),
    ("would be great if you could", Call::Request),
    ("it would be nice if you could", Call::Request),
    ("i need you to", Call::Request),
    ("i'd like you to", Call::Request),
    ("i would like you to", Call::Request),
    ("i'd ask you to", Call::Request),
    ("i will", Call::Promise),
    ("i'll", Call::Promise),
    ("i'm going to", Call::Promise),
    ("i am going to", Call::Promise),
    ("i'm gonna", Call::Promise),
    ("i have to", Call::Offer),
    ("i need to", Call::Offer),
    ("i can", Call::Offer),
    ("i could", Call::Offer),
    ("i would", Call::Offer),
    ("i want to", Call::Offer),
    ("i plan to", Call::Offer),
    ("we need to", Call::Duty),
    ("we still need to", Call::Duty),
    ("we have to", Call::Duty),
    ("we still have to", Call::Duty),
    ("we should", Call::Duty),
    ("we must", Call::Duty),
    ("it should", Call::Duty),
    ("somebody has to", Call::Duty),
    ("somebody needs to", Call::Duty),
    ("someone needs to", Call::Duty),
    ("we will", Call::Plan),
    ("we'll", Call::Plan),
    ("we're going to", Call::Plan),
    ("we are going to", Call::Plan),
    ("we want to", Call::Plan),
    ("we plan to", Call::Plan),
    ("let's", Call::Plan),
    ("will", Call::Named),
    ("is going to", Call::Named),
    ("needs to", Call::Named),
    ("has to", Call::Named),
    ("should", Call::Named),
    ("must", Call::Named),
];

/// What people do for others after a recording. Verbs of demos (`show`, `click`, `open`) are left
/// out on purpose.
const WORK: &str = "add adjust agree announce answer apply approve arrange ask assign book bring \
    build call change check
    clarify clean collect come complete configure confirm contact convert coordinate correct \
    create cut decide define delete
    deliver deploy design disable discuss document draft email enable estimate evaluate extend \
    file fill find finish fix
    follow forward get give hand handle hold implement improve inform integrate invite investigate \
    launch look make measure
    meet merge migrate monitor move notify offer order organise organize pair patch pay pick plan \
    post prepare publish pull push
    put raise reach read rebuild record reduce refactor release remove rename repair replace reply \
    report request reserve
    resolve respond restart retest review revisit rewrite roll run schedule send set share ship \
    sign sort speak split start
    submit suggest swap switch sync take talk tell test tidy track train translate transfer try \
    turn update upgrade upload
    verify vote work write";
