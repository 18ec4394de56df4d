//! Effects on the learner's machine.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Performer;
use crate::tui::backend::Trouble;
use crate::tui::msg::Msg;
use crate::tui::work::{Refusal, RunPlan, Stop, WorkEffect, WorkMsg};

/// How long a command that was killed is waited for.
const FAREWELL: Duration = Duration::from_secs(2);

/// The command that runs.
pub(super) struct Command {
    stop: watch::Sender<Stop>,
    task: JoinHandle<()>,
}

impl Command {
    /// Ends the command at once, and waits until it is gone.
    pub(super) async fn kill(&mut self) {
        self.stop.send_replace(Stop::Kill);
        let _ = tokio::time::timeout(FAREWELL, &mut self.task).await;
    }
}

impl Performer {
    pub(super) fn work(&mut self, effect: WorkEffect) {
        let tell = |msg| Some(Msg::Work(msg));
        let backend = self.backend.clone();
        match effect {
            WorkEffect::FindApp => {
                self.ask(backend.app(), move |app| tell(WorkMsg::App(app.ok().flatten())));
            }
            WorkEffect::Prepare(job) => {
                self.ask(backend.prepare(job), move |plan| tell(WorkMsg::Prepared(plan)));
            }
            WorkEffect::PrepareUndo(file) => {
                self.ask(backend.prepare_undo(file), move |plan| tell(WorkMsg::Prepared(plan)));
            }
            WorkEffect::Edit(plan) => {
                let done = backend.edit(plan.clone());
                self.ask(done, move |done| tell(WorkMsg::Edited(plan, done)));
            }
            WorkEffect::WriteApp(dir, job) => {
                let done = backend.write_app(dir.clone());
                self.ask(done, move |done| tell(WorkMsg::AppWritten(dir, job, done)));
            }
            WorkEffect::Run(number, plan) => self.run(number, plan),
            WorkEffect::Stop(stop) => {
                if let Some(command) = &self.command {
                    command.stop.send_replace(stop);
                }
            }
        }
    }

    fn run(&mut self, number: u64, plan: RunPlan) {
        let (stop, told) = watch::channel(Stop::Not);
        let output = self.forward(move |batch| Msg::Work(WorkMsg::Output(number, batch)));
        let running = tokio::spawn(self.backend.clone().run(plan, output, told));
        let (sender, task) = (self.sender.clone(), self.tasks.begin());
        let running = tokio::spawn(async move {
            let outcome = running.await.unwrap_or_else(|_| {
                let trouble =
                    Trouble::new("stepproof failed inside.", "Please report it; try again.");
                Err(Refusal::Other(trouble))
            });
            let _ = sender.send(Msg::Work(WorkMsg::Ended(number, outcome)));
            drop(task);
        });
        self.command = Some(Command { stop, task: running });
    }
}
