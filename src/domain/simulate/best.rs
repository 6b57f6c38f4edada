//! The yardstick: the most that could have been answered, had the whole day been known beforehand. A maximum flow of
//! the day's demand, by role and task, into the budgets of groups and models, along the rights of the router.

use std::collections::VecDeque;

use crate::domain::key::Group;
use crate::domain::model::ModelSlot;
use crate::domain::policy::task::Task;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::role::{PerRole, Role};
use crate::domain::router::failover::{lenders, owners_part, reserves};
use crate::domain::router::line::Claim;
use crate::domain::router::plan::wish;
use crate::domain::time::Moment;

/// The most requests of `demand` (per role: chats, tasks, complex ones; after the caps of users) that a day's budgets
/// can answer. `is_up`: whether a key, by its place in the roster, works at all. A vip has a seat here.
pub fn best_possible(
    pool: &KeyPool,
    demand: &PerRole<[u64; 3]>,
    is_up: impl Fn(usize) -> bool,
    moment: &Moment,
) -> u64 {
    let mut flow = Flow::default();
    let (source, sink) = (flow.node(), flow.node());
    let budgets = Budgets::new(pool, &is_up, moment, &mut flow, sink);
    for role in Role::ALL {
        for (task, wanted) in [Task::Chat, Task::Task, Task::Complex].into_iter().zip(demand[role]) {
            let node = flow.node();
            flow.edge(source, node, wanted);
            budgets.connect(pool, role, task, node, &mut flow);
        }
    }
    flow.run(source, sink)
}

/// The nodes of budgets. Each place has one for every capacity in which it may be asked.
struct Budgets {
    /// Per group and model: home roles, borrowers.
    groups: [[(usize, usize); 4]; 4],
    /// Per reserve key and model: owner, others.
    reserves: [[(usize, usize); 4]; 2],
    /// Per group: the projects with other groups' keys in them, per model.
    shared: [Vec<[usize; 4]>; 4],
}

impl Budgets {
    fn new(
        pool: &KeyPool,
        is_up: &impl Fn(usize) -> bool,
        moment: &Moment,
        flow: &mut Flow,
        sink: usize,
    ) -> Budgets {
        let rules = &pool.rules.router;
        let budget = |key: usize, model| {
            u64::from(pool.project(key).budget(&pool.roster.keys()[key].limits, model, moment))
        };
        // A day may have begun before.
        let spent = |key: usize, model| u64::from(pool.project(key).spent(model, moment));
        let place = |total: u64, part: u64, flow: &mut Flow| {
            let (all, some) = (flow.node(), flow.node());
            flow.edge(all, sink, total);
            flow.edge(some, all, part);
            (all, some)
        };
        let groups = Group::ALL.map(|group| {
            ModelSlot::ALL.map(|model| {
                let own = pool.roster.own_projects(group).iter();
                let live = own.filter_map(|(_, keys)| keys.iter().find(|key| is_up(**key)));
                let sum = |(all, gone), key: &usize| (all + budget(*key, model), gone + spent(*key, model));
                let (total, gone): (u64, u64) = live.fold((0, 0), sum);
                // A borrower stays below the line without its early share: at most the rest of the day's budget.
                let lent = ((1.0 - rules.early_share) * total as f64) as u64;
                place(total.saturating_sub(gone), lent.saturating_sub(gone), flow)
            })
        });
        let reserves = reserves(Role::Owner, 1);
        let reserves = [reserves.first(), reserves.get(1)].map(|id| {
            ModelSlot::ALL.map(|model| {
                let key = id.and_then(|id| pool.roster.find(*id)).filter(|key| is_up(*key));
                let own = key.filter(|key| !pool.roster.is_shared(pool.roster.project_of(*key)));
                let (total, gone) = own.map_or((0, 0), |key| (budget(key, model), spent(key, model)));
                let owners = u64::from(owners_part(total as u32, rules.owner_units, rules.owner_share));
                place(total.saturating_sub(gone), total.saturating_sub(gone + owners), flow)
            })
        });
        let mut projects: Vec<Option<[usize; 4]>> = vec![None; pool.roster.projects().len()];
        let mut shared: [Vec<[usize; 4]>; 4] = Default::default();
        for key in (0..pool.roster.keys().len()).filter(|key| is_up(*key)) {
            let project = pool.roster.project_of(key);
            if let Some(group) = pool.roster.keys()[key].id.group().filter(|_| pool.roster.is_shared(project))
            {
                // By midnight the reserves of higher roles are free for everybody.
                let nodes = *projects[project].get_or_insert_with(|| {
                    let left = |model| budget(key, model).saturating_sub(spent(key, model));
                    ModelSlot::ALL.map(|model| place(left(model), 0, flow).0)
                });
                if !shared[group.index()].contains(&nodes) {
                    shared[group.index()].push(nodes);
                }
            }
        }
        Budgets { groups, reserves, shared }
    }

    fn connect(&self, pool: &KeyPool, role: Role, task: Task, node: usize, flow: &mut Flow) {
        let wished = wish(role, task, None);
        let home = pool.roster.home(role);
        let home_claim = if role == Role::Owner { Claim::Free } else { Claim::Home };
        for model in std::iter::successors(Some(wished), |model| model.lower()) {
            let at_home = home.map(|home| (home, home_claim));
            for (group, claim) in at_home.into_iter().chain(lenders(role, false, model, &pool.roster)) {
                self.ask_group(group, claim, model, node, flow);
            }
            for (place, _) in reserves(role, 1).iter().enumerate() {
                let (all, others) = self.reserves[place][model.index()];
                flow.edge(node, if role == Role::Owner { all } else { others }, u64::MAX);
            }
        }
        if let Some(home) = home.filter(|_| task == Task::Chat) {
            let claim = if role == Role::Owner { Claim::Free } else { Claim::Borrower };
            self.ask_group(home, claim, ModelSlot::Flash, node, flow);
        }
    }

    fn ask_group(&self, group: Group, claim: Claim, model: ModelSlot, node: usize, flow: &mut Flow) {
        let (all, borrowers) = self.groups[group.index()][model.index()];
        flow.edge(node, if claim == Claim::Borrower { borrowers } else { all }, u64::MAX);
        for project in &self.shared[group.index()] {
            flow.edge(node, project[model.index()], u64::MAX);
        }
    }
}

/// A network of a few dozen nodes; the flow by shortest augmenting paths (Edmonds and Karp).
#[derive(Default)]
struct Flow {
    /// Per node: its edges.
    nodes: Vec<Vec<usize>>,
    /// Target and capacity left; edge n ^ 1 runs the other way.
    edges: Vec<(usize, u64)>,
}

impl Flow {
    fn node(&mut self) -> usize {
        self.nodes.push(Vec::new());
        self.nodes.len() - 1
    }

    fn edge(&mut self, from: usize, to: usize, capacity: u64) {
        self.nodes[from].push(self.edges.len());
        self.edges.push((to, capacity));
        self.nodes[to].push(self.edges.len());
        self.edges.push((from, 0));
    }

    fn run(&mut self, source: usize, sink: usize) -> u64 {
        let mut total = 0;
        while let Some(path) = self.path(source, sink) {
            let room = path.iter().map(|edge| self.edges[*edge].1).min().unwrap_or(0);
            for edge in path {
                self.edges[edge].1 -= room;
                self.edges[edge ^ 1].1 = self.edges[edge ^ 1].1.saturating_add(room);
            }
            total += room;
        }
        total
    }

    /// The edges of a shortest path with room.
    fn path(&self, source: usize, sink: usize) -> Option<Vec<usize>> {
        let mut reached: Vec<Option<usize>> = vec![None; self.nodes.len()];
        let mut next = VecDeque::from([source]);
        while let Some(node) = next.pop_front() {
            for edge in &self.nodes[node] {
                let (to, room) = self.edges[*edge];
                if room > 0 && to != source && reached[to].is_none() {
                    reached[to] = Some(*edge);
                    next.push_back(to);
                }
            }
        }
        let mut path = Vec::new();
        let mut node = sink;
        while node != source {
            let edge = reached[node]?;
            path.push(edge);
            node = self.edges[edge ^ 1].0;
        }
        Some(path)
    }
}
