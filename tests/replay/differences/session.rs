//! Those of `session`, and of what every strategy has in common.

const DOCUMENTATION: &str =
    include_str!("../../../passport-rocket/src/strategies/session/passport.md");

differences! {
    STRATEGIES_ARE_NAMED_IN_CHALLENGES = "every 401 has a challenge of every strategy";
    CHALLENGES_ARE_VALUES = "a challenge is a value, and a reason is none";
    CHALLENGES_TELL_OF_400_AND_403 = "a 400 and a 403 have challenges too";
    CHALLENGES_SURVIVE = "where one strategy answers 401, the answer is 401";
    REDIRECTS_ARE_303 = "a redirect is a 303";
    NAVIGATIONS_ARE_SENT_TO_SIGN_IN = "only navigations of a browser are sent to sign in";
    NOBODY_IS_DECLARED = "a route says that it is for nobody too";
    NAMES_ARE_PROVED = "a strategy that nobody registered refuses launch";
    STORES_THAT_ARE_DOWN_ARE_503 = "a store that is down is a 503";
    DATA_STAYS_WITH_ITS_USER = "what one user's session held is never handed to another";
    EVERY_ID_COUNTS = "every id of the user's type is an id";
    SIGN_OUTS_END_EVERYTHING = "a sign-out ends the session with all that it held";
    SIGN_OUTS_ISSUE_NO_ID = "a sign-out takes the cookie away";
    SIGN_OUTS_TAKE_PLACE_OR_NOT = "whom a store that is down cannot sign out stays signed in";
    ACCOUNTS_THAT_ARE_GONE_TAKE_THE_SESSION = "an account that is gone takes the whole session along";
    USERS_ARE_FETCHED_WHERE_THEY_ARE_WANTED = "the verifier is asked by routes that name `session`";
    STORES_ARE_THERE = "a store is always there";
    MESSAGES_ARE_SHOWN_ONCE = "messages are shown once";
    APPLICATIONS_WORD_FAILURES = "what a refusal says is for the log";
    RETURN_PATHS_SURVIVE = "the return path survives the sign-in";
    RETURN_PATHS_ARE_OWN_PATHS = "a return path is a path of this application";
}
