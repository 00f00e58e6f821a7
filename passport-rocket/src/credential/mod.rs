//! Where a credential stands in a request, and how it is read there.

mod authorization;
mod body;
mod cookie;
mod field_path;
mod fields;
mod json_text;
mod source;

pub use authorization::Authorization;
pub use body::RequestBody;
pub(crate) use body::{BodyKind, Rest};
pub use cookie::{cookie, set_cookie};
pub use field_path::FieldPath;
pub(crate) use fields::Content;
pub use fields::Fields;
pub use source::{Found, Source};
