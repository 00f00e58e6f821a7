//! A thousand protected handlers, each a function of its own, as a large application has them.

use rocket::Route;

macro_rules! handlers {
    ($($module:ident)*) => {
        $(handlers!(@ $module:
            h00 h01 h02 h03 h04 h05 h06 h07 h08 h09 h10 h11 h12 h13 h14 h15 h16 h17 h18 h19
            h20 h21 h22 h23 h24 h25 h26 h27 h28 h29 h30 h31 h32 h33 h34 h35 h36 h37 h38 h39
            h40 h41 h42 h43 h44 h45 h46 h47 h48 h49 h50 h51 h52 h53 h54 h55 h56 h57 h58 h59
            h60 h61 h62 h63 h64 h65 h66 h67 h68 h69 h70 h71 h72 h73 h74 h75 h76 h77 h78 h79
            h80 h81 h82 h83 h84 h85 h86 h87 h88 h89 h90 h91 h92 h93 h94 h95 h96 h97 h98 h99
        );)*

        /// All of them; each module is a folder of the application.
        pub(crate) fn groups() -> Vec<(&'static str, Vec<Route>)> {
            vec![$((concat!("/", stringify!($module)), $module::routes())),*]
        }
    };
    (@ $module:ident: $($handler:ident)*) => {
        mod $module {
            use passport_benches::Account;
            use passport_rocket::{User, protect};
            use rocket::{Route, get, routes};

            $(
                #[protect(strategy = "jwt")]
                #[get("/")]
                fn $handler(user: User<Account>) -> &'static str {
                    let _ = user;
                    "ok"
                }
            )*

            pub(super) fn routes() -> Vec<Route> {
                routes![$($handler),*]
            }
        }
    };
}

handlers!(m0 m1 m2 m3 m4 m5 m6 m7 m8 m9);
