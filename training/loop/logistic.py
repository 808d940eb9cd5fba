"""Logistic regression of soft labels on a few columns of logits, for every calibration of the toxicity weights."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

Doubles = NDArray[np.float64]


def fit_logistic(
    columns: Doubles, values: Doubles, counts: Doubles, *, shrinkage: float = 0.0, least: float | None = None
) -> tuple[Doubles, float]:
    """A slope for each of the columns (rows, columns) and an offset, by the least cross-entropy.

    ``values`` (rows,) lie from 0 to 1, ``counts`` (rows,) say how much each row counts. ``shrinkage`` weighs the
    squares of the slopes; none is below ``least``.
    """
    share = counts / counts.sum()

    def cost(parameters: Doubles) -> tuple[float, Doubles]:
        """The loss, and its slope by each parameter."""
        slopes = parameters[:-1]
        z = columns @ slopes + parameters[-1]
        loss = (share * (np.logaddexp(0.0, z) - values * z)).sum() + shrinkage * np.square(slopes).sum()
        missed = share * (expit(z) - values)
        return float(loss), np.append(missed @ columns + 2 * shrinkage * slopes, missed.sum())

    many = columns.shape[1]
    start = np.eye(1, many + 1)[0]  # the first column as it is
    bounds = None if least is None else [(least, None)] * many + [(None, None)]
    fitted = minimize(cost, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return np.asarray(fitted[:-1]), float(fitted[-1])
