//! Where a credential stands in a request, and how it is read there.

mod authorization;
mod body;
mod field_path;
mod fields;
mod json_text;
mod source;

pub use authorization::Authorization;
pub(crate) use body::Rest;
pub use body::{BodyKind, RequestBody};
pub use field_path::FieldPath;
pub(crate) use fields::Content;
pub use fields::Fields;
pub use source::{Found, Source};
