//! What the learner sees and does, over a fake backend.
