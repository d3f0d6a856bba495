"""Has learning helped a net? A test that may be looked at after every label, and stay honest.

Original and retrained answer the same drawings. Only those tell them apart on which one is right
and the other wrong (McNemar 1947): retrained right alone has *helped*, original right alone has
*hurt*. Where learning makes no difference, the next of these pairs is as likely one as the other,
whatever came before.

Somebody who bets on the pairs one by one at fair odds cannot expect to win then. This bettor
begins with 1 and stakes on what was seen more often: after k of n pairs were of a kind, the next is
of that kind with probability (k + 1/2) / (n + 1), the estimate of Krichevsky and Trofimov, which is
the mixture of all fixed bets under a Beta(1/2, 1/2). The fortune is a martingale, so by Ville's
inequality it ever reaches 1/alpha with probability alpha at most: at any time, under any rule of
when to look and when to stop. (Robbins 1970 has the mixture, Ramdas and others the whole picture.)

Sources: J. Ville, Étude critique de la notion de collectif (1939); H. Robbins, Statistical methods
related to the law of the iterated logarithm (Annals of Mathematical Statistics 41, 1970);
R. Krichevsky, V. Trofimov, The performance of universal encoding (IEEE Trans. Information Theory
27, 1981); A. Ramdas, P. Grünwald, V. Vovk, G. Shafer, Game-theoretic statistics and safe
anytime-valid inference (Statistical Science 38, 2023).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkling.words import ENGLISH, Words, marked

ALPHA = 0.05
HELPED, HURT, NOT_YET_KNOWN = "helped", "hurt", "not yet known"
SENTENCES = {
    HELPED: marked("Learning has helped the %(net)s: %(seen)s"),
    HURT: marked("Learning has hurt the %(net)s: %(seen)s"),
    NOT_YET_KNOWN: marked("Not yet known whether learning helped the %(net)s: %(seen)s"),
}
LARGEST = 1e300  # an e-value beyond is told as this: JSON has no infinity

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """Whether learning helped a net, with what it rests on."""

    verdict: str  # helped, hurt, not yet known
    labels: int  # that both weights were compared on
    helped: int  # of them: the retrained net alone was right
    hurt: int  # the original alone was right
    e_value: float  # the bettor's fortune now: evidence that learning makes a difference
    highest: float  # the most that it ever was
    since: int | None  # the number of the label, from 1, at which this verdict was first reached

    def in_words(self, net: str, say: Words = ENGLISH) -> str:
        """Return it as a sentence on the net that is called `net`."""
        if not self.labels:
            return say.text(
                "Not yet known whether learning helped the %(net)s: there are no labels.", net=net
            )
        seen = say.text(
            "on %(labels)s it put %(helped)s of the original right and made %(hurt)s that the "
            "original did not make.",
            labels=say.plural("%(num)s label", "%(num)s labels", self.labels),
            helped=say.plural("%(num)s mistake", "%(num)s mistakes", self.helped)
            if self.helped
            else say.text("no mistake"),
            hurt=say.number(self.hurt) if self.hurt else say.text("none"),
        )
        return say.text(SENTENCES[self.verdict], net=net, seen=seen)


def sequential_test(original: Flags, retrained: Flags, alpha: float = ALPHA) -> Verdict:
    """Return whether learning helped a net, from who was right on each label.

    `original` and `retrained` (n,) say, in the order of labels, whether each was right *before* it
    could learn that label.

    The verdict is reached when the fortune is at least 1/alpha, and is what was seen more often at
    that time. It is kept: Ville's inequality bounds the highest fortune ever, so a later loss takes
    nothing back. It turns only where the other outcome comes to prevail and the fortune is 1/alpha
    again.

    Where learning makes no difference, either verdict is ever given with probability alpha at most
    in all. Where no pair favours the retrained net, *helped* is (and *hurt* where none favours the
    original): the fortune is the mean of two that bet on one side each; the side that leads holds
    at least half of their sum, so at least 1/alpha, and can only lose on average.
    """
    helps, hurts = retrained & ~original, original & ~retrained
    at = np.flatnonzero(helps | hurts)  # labels of the discordant pairs
    fortunes = log_fortunes(helps[at])
    lead = np.sign(np.cumsum(np.where(helps[at], 1, -1)))
    proofs = np.flatnonzero((fortunes >= -np.log(alpha)) & (lead != 0))
    found, since = NOT_YET_KNOWN, None
    if proofs.size:
        found = HELPED if lead[proofs[-1]] > 0 else HURT
        others = proofs[lead[proofs] != lead[proofs[-1]]]
        turned = others[-1] if others.size else -1
        since = int(at[proofs[proofs > turned][0]]) + 1
    counts = (len(original), int(helps.sum()), int(hurts.sum()))
    now, highest = (fortunes[-1], max(0.0, fortunes.max())) if at.size else (0.0, 0.0)
    return Verdict(found, *counts, _e(now), _e(highest), since)


def log_fortunes(helped: Flags) -> NDArray[np.float64]:
    """Return the logarithm of the bettor's fortune, which is 1 at first, after each pair (n,).

    Each pair multiplies it by 2 (k + 1/2) / (n + 1), where k of the n pairs before had the outcome
    of this one.
    """
    before = np.arange(len(helped))
    helps_before = np.cumsum(helped, dtype=np.int64) - helped
    alike = np.where(helped, helps_before, before - helps_before)
    return np.asarray(np.cumsum(np.log(2 * (alike + 0.5) / (before + 1))), np.float64)


def _e(logarithm: float) -> float:
    return float(np.exp(min(logarithm, np.log(LARGEST))))
