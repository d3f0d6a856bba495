"""Hyperparameters by Optuna: short trainings, in a database that any number of processes share.

A search goes on where it was stopped or killed: trials lie in the database, and one whose process
died is tried again.
"""

import warnings
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, wait
from dataclasses import dataclass, replace
from pathlib import Path

import optuna
from optuna.study import MaxTrialsCallback
from optuna.trial import FrozenTrial, Trial, TrialState

from inkling.parallel import process_pool
from inkling.pretraining.augmented_cache import Progress, Variations
from inkling.pretraining.fit import History, Recipe, fit
from inkling.pretraining.learners import learner
from inkling.pretraining.recipes import RECIPES
from inkling.pretraining.train import TrainingSet, variations_folder

HEARTBEAT = 15  # seconds; a trial that is silent for four times as long is tried again
RETRIES = 3
DONE = (TrialState.COMPLETE, TrialState.PRUNED)
LOOK_EVERY = 1.0  # seconds between two looks at the number of trials


@dataclass(frozen=True)
class Search:
    """What is searched, with what, and where it is written down.

    url: the database, as SQLAlchemy takes it. epochs: the most that a trial trains. work: the
    folder of the varied digits.
    """

    net: str
    data: TrainingSet
    url: str
    work: Path
    epochs: int
    seed: int = 0

    @property
    def name(self) -> str:
        """The study's name: trials are comparable only on the same material and epochs."""
        return f"{self.net}-{self.data.material.fingerprint}-{self.epochs}-{self.seed}"

    def study(self) -> optuna.Study:
        """Return the study with all its trials so far."""
        with warnings.catch_warnings():  # heartbeats have been called experimental since 2021
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            storage = self._storage()
        return optuna.create_study(
            study_name=self.name,
            storage=storage,
            direction="maximize",
            load_if_exists=True,
            sampler=optuna.samplers.TPESampler(multivariate=True, constant_liar=True),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=2),
        )

    def _storage(self) -> optuna.storages.RDBStorage:
        return optuna.storages.RDBStorage(
            self.url,
            heartbeat_interval=HEARTBEAT,
            grace_period=4 * HEARTBEAT,
            heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(
                RETRIES
            ),
        )

    def suggested(self, trial: Trial) -> Recipe:
        """Return the recipe of a trial."""
        base = RECIPES[self.net]
        recipe = replace(
            base,
            epochs=trial.suggest_int("epochs", max(1, self.epochs // 4), self.epochs),
            batch_size=trial.suggest_categorical("batch_size", [64, 128, 256, 512]),
            learning_rate=trial.suggest_float("learning_rate", 3e-4, 2e-2, log=True),
            l2=trial.suggest_float("l2", 1e-8, 1e-3, log=True),
            renderings=trial.suggest_int("renderings", 1, 4),
        )
        if self.net == "fnn":
            return replace(recipe, hidden=trial.suggest_int("hidden", 25, 400, log=True))
        rates = (trial.suggest_float(f"dropout_{n}", 0, 0.5) for n in (1, 2, 3))
        return replace(recipe, dropout=tuple(rates))

    def train(self, trial: Trial) -> float:
        """Train a trial's recipe; return its accuracy on the validation digits, in [0, 1].

        Raises TrialPruned where others were better after as many epochs.
        """
        recipe = self.suggested(trial)
        trial.set_user_attr("recipe", recipe.to_json())
        variations = self.variations()
        untrained = learner(self.net, recipe, self.seed)

        def report(epoch: int, history: History) -> None:
            trial.report(history.validation_accuracy[-1], epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

        _, history = fit(
            untrained.start,
            untrained.gradients,
            untrained.probabilities,
            recipe,
            lambda number: variations.epoch(number, recipe),
            self.data.validation,
            seed=self.seed,
            report=report,
        )
        return history.validation_accuracy[-1]

    def variations(self) -> Variations:
        """Return the varied digits of every trial."""
        return Variations(
            self.data.material,
            variations_folder(self.data, self.work, self.seed),
            self.seed,
        )

    def most(self) -> Recipe:
        """Return a recipe that needs as many variations as any trial can."""
        return replace(RECIPES[self.net], epochs=self.epochs, renderings=4)


def search(
    task: Search,
    trials: int,
    processes: int,
    prepared: Progress = lambda done, of: None,
    progress: Callable[[int, int, float | None], None] = lambda done, of, best: None,
) -> optuna.Study:
    """Go on until the study has this many trials, here and on other machines together.

    `progress(done, of, best)` is told whenever a trial ended; `best` is an accuracy in [0, 1].
    """
    task.variations().make(task.most(), prepared)
    study = task.study()  # makes the tables, once, before many processes look for them
    with process_pool(processes) as pool:
        jobs = [pool.submit(_take_part, task, trials) for _ in range(processes)]
        seen = -1
        while wait(jobs, LOOK_EVERY, FIRST_EXCEPTION).not_done:
            seen = _tell(study, seen, trials, progress)
            if any(job.done() and job.exception() for job in jobs):
                pool.shutdown(cancel_futures=True)
                break
        for job in jobs:
            job.result()
    _tell(study, seen, trials, progress)
    return study


def _take_part(task: Search, trials: int) -> None:
    """Try recipes until the study has enough trials; runs in a process of its own."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = task.study()
    enough = MaxTrialsCallback(trials, states=DONE)
    if len(study.get_trials(deepcopy=False, states=DONE)) < trials:
        study.optimize(task.train, callbacks=[enough])


def _tell(
    study: optuna.Study,
    seen: int,
    trials: int,
    progress: Callable[[int, int, float | None], None],
) -> int:
    """Report news; return the number of trials that ended."""
    done = len(study.get_trials(deepcopy=False, states=DONE))
    if done != seen:
        best = best_trials(study, 1)
        progress(done, max(done, trials), best[0].value if best else None)
    return done


def best_trials(study: optuna.Study, count: int) -> list[FrozenTrial]:
    """Return the best complete trials, best first."""
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return sorted(complete, key=lambda trial: -(trial.value or 0))[:count]
