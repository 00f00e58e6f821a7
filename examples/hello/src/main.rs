use passport_rocket::{Jwt, User, protect};
use rocket::{get, launch, routes};

#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Account {
    username: String,
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(user: User<Account>) -> String {
    format!("hello {}", user.username)
}

#[launch]
fn rocket() -> _ {
    rocket::build().attach(Jwt::<Account>::fairing("jwt")).mount("/", routes![me])
}

#[cfg(test)]
mod test {
    use passport_rocket::testing::SignedInAs;
    use rocket::local::blocking::Client;

    #[test]
    fn greets_by_name() {
        let client = Client::tracked(super::rocket()).unwrap();
        let ada = super::Account { username: "ada".into() };
        let response = client.get("/me").signed_in(&ada).dispatch();
        assert_eq!(response.into_string().unwrap(), "hello ada");
    }
}
