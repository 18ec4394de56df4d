//! What a room came to: one [`Snapshot`], as a table, for programs, and as a page for the room's
//! projector.

mod csv;
mod html;
mod model;
mod pictures;
#[cfg(test)]
mod tests;
mod words;

pub use csv::csv;
pub use html::{Page, html};
pub use model::{
    AttendeeLine, CellLine, Differing, FailingLine, HelpLine, ModuleLine, Point, Snapshot,
    StuckLine, Totals,
};
