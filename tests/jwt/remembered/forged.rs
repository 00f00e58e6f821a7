//! Whoever lacks the key changes nothing of what is remembered.

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

/// What an application says that kept what it had: the next time is like the last.
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
