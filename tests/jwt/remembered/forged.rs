//! Whoever lacks the key changes nothing of what is remembered.

use super::bound::Counted;
use super::*;

const HONEST: usize = 8;

fn honest(world: &World) -> Vec<String> {
    let token = |n: usize| world.key.token_with(&json!({ "jti": n.to_string() }));
    let tokens: Vec<_> = (0..HONEST).map(token).collect();
    for token in &tokens {
        assert_seen(&world.client, token);
    }
    tokens
}

// However few of them there are.
#[test]
fn nothing_is_kept_of_a_token_that_is_refused() {
    #[protect(strategy = "jwt")]
    #[get("/counted")]
    fn stow(_user: User<Stowaway>) {}

    type Stowaway = Counted<4>;

    for key in each_key() {
        let rocket = empty(&table_of(&key, ""), &clock()).mount("/", routes![stow]);
        let client = client(rocket.attach(Jwt::<Stowaway>::fairing("jwt")));
        let ask = |token: &str| client.get("/counted").header(bearer(token)).dispatch().status();
        let good = key.token();
        let (message, _) = good.rsplit_once('.').unwrap();
        let other = key.token_with(&json!({ "name": "eve" }));
        let (_, signature) = other.rsplit_once('.').unwrap();
        for refused in [
            format!("{message}.{signature}"),
            key.token_with(&json!({ "exp": NOW })),
            key.token_with(&json!({ "nbf": NOW + 60 })),
            key.token_with(&json!({ "aud": "others" })),
            key.token_with(&json!({ "cnf": {} })),
        ] {
            assert_eq!(ask(&refused), Status::Unauthorized, "{refused}");
            assert_eq!(Stowaway::alive(), 0, "{refused}");
        }
        assert_eq!(ask(&good), Status::Ok);
        assert_eq!(Stowaway::alive(), 1);
    }
}

/// What is said of `tokens` stands where it stood before the flood, so all of them were kept.
#[track_caller]
fn assert_still_seen(world: &World, tokens: &[String], flood: impl FnOnce()) {
    let kept = &world.client.rocket().state::<Kept>().unwrap().0;
    let ask = || {
        for token in tokens {
            let answer = world.client.get("/keep").header(bearer(token)).dispatch();
            assert_eq!(answer.status(), Status::Ok);
        }
        std::mem::take(&mut *kept.lock().unwrap())
    };
    let before = ask();
    flood();
    let after = ask();
    let says = |users: &[User<Account>]| -> Vec<_> {
        let says = |user| std::ptr::from_ref(User::info::<TokenClaims>(user).unwrap());
        users.iter().map(says).collect()
    };
    assert_eq!(says(&before), says(&after));
}

fn small(key: Made) -> World {
    let clock = clock();
    let table = table_of(&key, "").replace("remember_tokens = '1 MiB'\n", "");
    let client = client_of(&format!("{table}remember_tokens = '64 KiB'\n"), &clock);
    World { key, clock, client }
}

#[test]
fn forged_tokens_in_a_flood_drive_nobody_out() {
    for key in each_key() {
        let world = small(key);
        let tokens = honest(&world);
        let forger = match world.key.public.is_null() {
            true => hs256("a", "the secret of a forger, 32 bytes and more"),
            false if world.key.public["kty"] == "EC" => es256("a"),
            false => ed25519("a"),
        };
        assert_still_seen(&world, &tokens, || {
            for number in 0..1_000 {
                let forged = forger.token_with(&json!({ "jti": number.to_string() }));
                assert_eq!(status(&world.client, &forged), Status::Unauthorized);
            }
        });
    }
}

// They are looked for where the honest ones are.
#[test]
fn forged_tokens_with_the_signatures_of_others_drive_nobody_out() {
    for key in each_key() {
        let world = small(key);
        let tokens = honest(&world);
        assert_still_seen(&world, &tokens, || {
            for number in 0..1_000 {
                let honest = tokens[number % HONEST].split('.').collect::<Vec<_>>();
                let claims = json!({ "name": "eve", "exp": NOW + 60, "jti": number.to_string() });
                let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
                let forged = format!("{}.{claims}.{}", honest[0], honest[2]);
                assert_eq!(status(&world.client, &forged), Status::Unauthorized);
            }
        });
    }
}

// Signed by the very key, and of no use: expired, for others, or no claims of this application.
#[test]
fn refused_tokens_of_the_key_drive_nobody_out() {
    for key in each_key() {
        let world = small(key);
        let tokens = honest(&world);
        assert_still_seen(&world, &tokens, || {
            for number in 0..300 {
                for more in [json!({ "exp": NOW }), json!({ "aud": "x" }), json!({ "name": 7 })] {
                    let mut more = more;
                    more["jti"] = json!(number.to_string());
                    let refused = world.key.token_with(&more);
                    assert_eq!(status(&world.client, &refused), Status::Unauthorized);
                }
            }
        });
    }
}
