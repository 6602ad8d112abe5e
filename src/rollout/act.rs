//! Carries a plan out: the event that begins it is the lock, then the deployer, then the event that ends it. It looks at
//! the ledger before every stage, and starts nothing once the lock is not its own. Leans on `deploy` and `ledger`.

use super::place::{DeploymentContext, unmoved};
use super::plan::Plan;
use super::watch::LedgerMonitor;
use super::{ask, by_itself, prove};
use crate::config::Tree;
use crate::deploy::{Job, Outcome, Workspace, run};
use crate::error::{Error, Kind, Result, combine_errors};
use crate::ledger::{Decision, Ledger, RecordOutcome, Snapshot};
use crate::model::{Event, EventId, EventKind, EventPayload, Release, State, TargetStatus};
use crate::process::{CommandEnvironment, Stop, become_subreaper};

/// How it ended.
#[derive(Debug)]
pub struct Done {
    /// The honest state.
    pub state: State,
    /// The event that says so, or the one that it waits for.
    pub event: Option<EventId>,
    /// It is on the remote, or there is none.
    pub recorded: bool,
    /// What waits for `rel sync`, in its order: lines that `rel sync -` takes.
    pub waiting: Vec<String>,
    /// Somebody else did it.
    pub already: Option<String>,
    /// Parts of the environment.
    pub parts: Vec<TargetStatus>,
    /// Why it is no better.
    pub fault: Option<Error>,
    /// It was taken back by itself: how that ended.
    pub returned: Option<State>,
}

impl Done {
    fn new(state: State, event: Option<EventId>) -> Self {
        Done {
            state,
            event,
            recorded: true,
            waiting: Vec::new(),
            already: None,
            parts: Vec::new(),
            fault: None,
            returned: None,
        }
    }

    fn already(why: String, state: State) -> Self {
        Done { already: Some(why), ..Done::new(state, None) }
    }
}

/// An operation that has begun.
struct Begun {
    /// The event that began it.
    event: Event,
    /// What could not be recorded so far: lines that `rel sync -` takes. Empty where the lock is on the remote.
    waiting: Vec<String>,
}

/// Decides anew on a snapshot whether a plan may still begin.
pub(super) type Decide<'d> = &'d mut dyn FnMut(&Snapshot) -> Result<Option<String>>;

/// Carries it out. `decide` says whether it may begin, on every snapshot anew; a text means that it is so already.
///
/// # Errors
///
/// What keeps it from beginning. How it ended is no error of this function.
pub fn act(
    place: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &mut Plan,
    decide: Decide<'_>,
) -> Result<Done> {
    if plan.is_record_alone() {
        return record(place, ledger, plan, decide);
    }
    let workspace = workspace(place, plan)?;
    place.context.ui().hold_interrupts();
    let stop = Stop::on_signals()?;
    become_subreaper();
    let draft = plan.started(place, place.context.now()?);
    let begun = match append(place, ledger, plan, &draft, decide)? {
        RecordOutcome::Already(why) => return Ok(Done::already(why, State::Deploying)),
        RecordOutcome::Recorded(events) => Begun { event: first(events)?, waiting: Vec::new() },
        RecordOutcome::Pending { events, line, why } => {
            super::screen::unrecorded(place.context.ui(), &why);
            Begun { event: first(events)?, waiting: vec![line] }
        }
    };
    let outcome = perform(place, ledger, plan, &workspace, &stop, &begun);
    let done = end(place, ledger, plan, outcome, &begun, &stop);
    workspace.remove().unwrap_or_else(|error| place.context.ui().warning(error.message));
    done
}

/// What is only recorded is one event.
fn record(
    place: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &Plan,
    decide: Decide<'_>,
) -> Result<Done> {
    let (events, waiting) = match append(place, ledger, plan, &plan.only(place), decide)? {
        RecordOutcome::Already(why) => return Ok(Done::already(why, State::Recorded)),
        RecordOutcome::Recorded(events) => (events, Vec::new()),
        RecordOutcome::Pending { events, line, why } => {
            super::screen::unrecorded(place.context.ui(), &why);
            (events, vec![line])
        }
    };
    let event = Some(first(events)?.id);
    Ok(Done { recorded: waiting.is_empty(), waiting, ..Done::new(State::Recorded, event) })
}

/// A rollback goes ahead without its remote, and so does what was told to; a deploy does not.
fn append(
    place: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &Plan,
    draft: &EventPayload,
    decide: Decide<'_>,
) -> Result<RecordOutcome> {
    let mut wanted = |snapshot: &Snapshot| {
        if let Some(why) = decide(snapshot)? {
            return Ok(Decision::Already(why));
        }
        // What is ended is what is under way now, not what was when it was planned.
        let takes_over = place.state(snapshot)?.and_then(|state| state.lock).map(|lock| lock.operation);
        Ok(Decision::Record(vec![EventPayload { takes_over, ..draft.clone() }]))
    };
    let ahead = plan.kind == EventKind::Rollback || plan.unchecked.iter().any(|what| what == "the ledger");
    if ahead {
        return ledger.append_or_queue(&mut wanted);
    }
    ledger.append(&mut wanted).map(RecordOutcome::from)
}

fn first(events: Vec<Event>) -> Result<Event> {
    events.into_iter().next().ok_or_else(|| Error::defect("an operation began without an event"))
}

/// Where commands run. A rollback whose own commit cannot be had runs where the configuration is.
fn workspace<'w>(place: &DeploymentContext<'w>, plan: &mut Plan) -> Result<Workspace<'w>> {
    let repo = place.context.repo()?;
    let head = || repo.head().map(|head| head.commit);
    let config = || place.config_commit.map_or_else(head, Ok);
    let commit = match place.rules.tree {
        Tree::Release => super::between::tree_of(place, &plan.release),
        Tree::Config => Some(config()?),
        Tree::Here => Some(plan.release.pin.commit),
    };
    let folder = place.context.folder();
    match commit {
        Some(commit) => Workspace::prepare(repo, place.rules.tree, commit, folder),
        None if plan.kind == EventKind::Rollback => {
            let what = format!(
                "the tree of {}: its commit cannot be had, so commands run in that of release.toml",
                plan.release.label()
            );
            place.context.ui().warning(&what);
            plan.unchecked.push(what);
            Workspace::prepare(repo, Tree::Config, config()?, folder)
        }
        None => Err(Error::missing(format!(
            "commit {} of {} is not here",
            plan.release.pin.commit.short(),
            plan.release.label()
        ))
        .hint("git fetch, with the whole history")),
    }
}

fn perform(
    place: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &Plan,
    workspace: &Workspace<'_>,
    stop: &Stop,
    begun: &Begun,
) -> Outcome {
    let (start, recorded) = (&begun.event, begun.waiting.is_empty());
    let context = place.context;
    let environment =
        CommandEnvironment::allowlisted(&|name| context.variable(name), &place.rules.pass_env, &place.urls);
    let mut variables = plan.values.variables();
    variables.push(("REL_ACTION".to_owned(), plan.kind.to_string()));
    variables.push(("REL_EVENT".to_owned(), start.id.to_string()));
    let job = Job {
        stages: &plan.stages,
        workspace,
        environment: &environment,
        variables,
        timeout: place.rules.timeout,
    };
    let mut onlooker = LedgerMonitor::new(place, ledger, start.id.clone(), recorded);
    let outcome = run(&job, stop, &mut onlooker);
    if outcome.state != State::Healthy || !plan.recorded || !plan.stages.is_empty() {
        return outcome;
    }
    // Nothing ran here: only the platform can say whether it is there.
    prove::asked(place, plan, workspace, &environment)
}

/// Records how it ended; and where it failed, goes back by itself if that is wanted.
fn end(
    place: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &Plan,
    outcome: Outcome,
    begun: &Begun,
    stop: &Stop,
) -> Result<Done> {
    // Whatever keeps it from going back by itself: how it ended is recorded all the same.
    let (way_back, stays) = match returns_to(place, ledger, plan, &outcome, stop) {
        Ok(before) => {
            match before.map(|before| by_itself::automatic(place, &plan.release, &before)).transpose() {
                Ok(way_back) => (way_back, None),
                Err(error) => (None, Some(error)),
            }
        }
        Err(error) => (None, Some(error)),
    };
    let Outcome { state, fault, parts, .. } = outcome;
    let (start, recorded) = (&begun.event, begun.waiting.is_empty());
    let result = |state: State| EventPayload {
        targets: parts.clone(),
        ..plan.ended(place, state, &start.id, start.at)
    };
    let ours = |snapshot: &Snapshot| -> Result<bool> {
        let now = place.state(snapshot)?;
        Ok(!recorded || now.and_then(|now| now.lock).is_some_and(|lock| lock.operation == start.id))
    };
    let fault = match (fault, stays) {
        (Some(fault), Some(stays)) => {
            let told = format!("{} does not return by itself: {}", place.environment, stays.message);
            Some(stays.causes.into_iter().fold(fault.cause(told), Error::cause))
        }
        (fault, _) => fault,
    };
    let now = place.context.now()?;
    let mut lost = false;
    let mut decide = |snapshot: &Snapshot| {
        lost = !ours(snapshot)?;
        let mut drafts = vec![result(if lost { State::Superseded } else { state.clone() })];
        drafts.extend(way_back.iter().filter(|_| !lost).map(|back| back.started(place, now)));
        Ok(Decision::Record(drafts))
    };
    let kept = match recorded {
        true => ledger.append_or_queue(&mut decide),
        false => ledger.append_after_pending(&mut decide),
    };
    let kept = match kept {
        Ok(kept) => kept,
        // What happened there is said first; that nobody else knows of it, too.
        Err(error) => {
            let unrecorded = format!("how it ended is not recorded: {}", error.message);
            let fault = match fault {
                Some(fault) => error.hints.into_iter().fold(fault.cause(unrecorded), Error::hint),
                None => Error { message: format!("{state}, but {unrecorded}"), ..error },
            };
            let (event, waiting) = (Some(start.id.clone()), begun.waiting.clone());
            return Ok(Done {
                recorded: false,
                waiting,
                parts,
                fault: Some(fault),
                ..Done::new(state, event)
            });
        }
    };
    // Whoever sends it from another machine sends how it began, too.
    let mut waiting = begun.waiting.clone();
    let mut events = match kept {
        // How it began went along.
        RecordOutcome::Recorded(events) => {
            waiting.clear();
            events
        }
        RecordOutcome::Pending { events, line, why } => {
            if waiting.is_empty() {
                super::screen::unrecorded(place.context.ui(), &why);
            }
            waiting.push(line);
            events
        }
        RecordOutcome::Already(_) => Vec::new(),
    };
    let (state, fault) = if lost {
        let error = Error::conflict(format!("a rollback took {} over", place.environment));
        (State::Superseded, Some(fault.filter(|fault| fault.kind == Kind::Conflict).unwrap_or(error)))
    } else {
        (state, fault)
    };
    let next = (events.len() > 1).then(|| events.pop()).flatten();
    let event = events.pop().map(|event| event.id);
    let recorded = waiting.is_empty();
    let mut done = Done { recorded, waiting, parts, fault, ..Done::new(state, event) };
    if let (Some(mut plan), Some(event)) = (way_back.filter(|_| !lost), next) {
        let returned =
            go_back(place, ledger, &mut plan, stop, &Begun { event, waiting: done.waiting.clone() })?;
        let told = match &returned.fault {
            None => format!("{} was returned to {}", place.environment, plan.release.label()),
            Some(fault) => format!(
                "{} could not be returned to {}: {}",
                place.environment,
                plan.release.label(),
                fault.message
            ),
        };
        done.fault = done.fault.map(|fault| fault.cause(told));
        (done.recorded, done.waiting) = (done.recorded && returned.recorded, returned.waiting);
        done.returned = Some(returned.state.clone());
        // What is unknown stays unknown until the way back went well.
        if returned.fault.is_some() {
            done.state = returned.state;
        }
    }
    Ok(done)
}

/// The release that a failed deploy returns to; `None` where it stays as it is.
fn returns_to(
    place: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    plan: &Plan,
    outcome: &Outcome,
    stop: &Stop,
) -> Result<Option<Release>> {
    let state = &outcome.state;
    let failed = matches!(state, State::Failed | State::Unknown | State::Mixed) && !stop.interrupted();
    // A failing check of a step always returns.
    if !failed
        || !(place.rules.rollback_on_failure || outcome.checked)
        || plan.kind == EventKind::Rollback
        || plan.stages.is_empty()
        // What ran before is what was brought: there is nothing else to return to.
        || plan.from.as_ref().is_some_and(|from| from.pin.same_artifacts(&plan.release.pin))
    {
        return Ok(None);
    }
    let Some(before) = place.state(ledger.snapshot())? else { return Ok(None) };
    let marks = ledger.snapshot().bad_builds(&place.package)?;
    let is_bad = |pin: &crate::model::Pin| marks.iter().any(|mark| mark.release.pin.same_build(pin));
    let choice = super::target::choose(&before, &is_bad);
    let ours = choice.from.is_some_and(|from| from.pin.same_artifacts(&plan.release.pin));
    Ok(choice.candidates.first().filter(|_| ours).map(|healthy| healthy.release.clone()))
}

fn go_back(
    place: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &mut Plan,
    stop: &Stop,
    begun: &Begun,
) -> Result<Done> {
    super::screen::returning(place, plan);
    let outcome = match workspace(place, plan) {
        Ok(workspace) => {
            let outcome = perform(place, ledger, plan, &workspace, stop, begun);
            workspace.remove().unwrap_or_else(|error| place.context.ui().warning(error.message));
            outcome
        }
        Err(error) => Outcome { state: State::Failed, fault: Some(error), parts: Vec::new(), checked: false },
    };
    end(place, ledger, plan, outcome, begun, stop)
}

/// Whether a deploy may still begin: nobody acted since it was planned, and policy still agrees.
pub fn still(asked: &ask::Asked<'_>, plan: &Plan, snapshot: &Snapshot) -> Result<Option<String>> {
    let place = asked.place;
    let state = place.state(snapshot)?;
    let answer = asked.ask(snapshot)?;
    if let Some(error) = combine_errors(
        &format!("{} may not go to {}", plan.release.label(), place.environment),
        answer.errors,
    ) {
        return Err(error);
    }
    if unmoved(plan.seen.as_ref(), state.as_ref()) {
        return Ok(None);
    }
    let event = state.map(|state| state.newest);
    let who = event.as_ref().map(crate::ledger::subject).unwrap_or_default();
    let same = event.as_ref().is_some_and(|event| {
        event.kind == plan.kind
            && event.state.as_ref().is_some_and(State::is_usable)
            && event.release.as_ref().is_some_and(|release| release.pin.same_artifacts(&plan.release.pin))
    });
    if same {
        return Ok(Some(format!("somebody was faster: {who}")));
    }
    Err(Error::conflict(format!("somebody else acted on {} in the meantime", place.environment))
        .cause(who)
        .hint(format!("rel status {}   # then decide anew", place.environment)))
}
