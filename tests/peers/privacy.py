"""Makes guest-sdk/src/privacy/tests/peers.json: what dp-accounting and mpmath say of concentrated differential
privacy. Usage: python privacy.py, from the root, with dp-accounting and mpmath."""

import json
from importlib.metadata import version

import mpmath
import numpy as np
from dp_accounting import ZCDpEvent, get_sigma_gaussian, rdp
from dp_accounting.pld.privacy_loss_mechanism import DiscreteGaussianPrivacyLoss

# All orders of which one can be the best, so near to each other that epsilon is too large by less than 1e-7.
ORDERS = 1 + np.logspace(-1.9, 7, 100_000)

def epsilon(rho, delta):
    accountant = rdp.RdpAccountant(orders=ORDERS)
    return accountant.compose(ZCDpEvent(rho=rho)).get_epsilon(delta)

def exact_delta(sigma, sensitivity, epsilon):
    loss = DiscreteGaussianPrivacyLoss(sigma, sensitivity=sensitivity)
    return float(loss.get_delta_for_epsilon(epsilon))

def log_delta(rho, epsilon):
    """The infimum of Proposition 12 of arXiv 2004.00010, with 60 digits, where its derivative is zero."""
    with mpmath.workdps(60):
        rho, epsilon = mpmath.mpf(rho), mpmath.mpf(epsilon)
        slope = lambda u: (2 * mpmath.exp(u) + 1) * rho - epsilon - mpmath.log1p(mpmath.exp(-u))
        low, high = mpmath.mpf(-200), mpmath.log((epsilon + 1) / rho + 9)
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if slope(middle) < 0 else (low, middle)
        alpha = 1 + mpmath.exp(high)
        return float((alpha - 1) * (alpha * rho - epsilon) - mpmath.log(alpha - 1)
                     + alpha * mpmath.log(1 - 1 / alpha))

rhos = [1e-8, 1e-4, 0.025, 0.1, 0.5, 2.0, 10.0]
peers = {
    "made_with": {name: version(name) for name in ["dp-accounting", "mpmath"]},
    "epsilons": [{"rho": rho, "delta": delta, "epsilon": epsilon(rho, delta)}
                 for rho in rhos for delta in [1e-3, 1e-6, 1e-10, 1e-30]],
    "log_deltas": [{"rho": rho, "epsilon": epsilon, "log_delta": log_delta(rho, epsilon)}
                   for rho in rhos for epsilon in [0.0, 0.01, 0.5, 1.0, 8.0, 32.0]],
    "exact_deltas": [{"sigma": sigma, "sensitivity": sensitivity, "epsilon": epsilon,
                      "delta": exact_delta(sigma, sensitivity, epsilon)}
                     for sigma, sensitivity in [(1, 1), (4, 1), (10, 3), (50, 7)]
                     for epsilon in [0.1, 0.5, 1.0, 2.0]
                     # Where it is not much larger, it is what the accountant does not look at.
                     if exact_delta(sigma, sensitivity, epsilon) > 1e-18],
    "gaussian_sigmas": [{"epsilon": epsilon, "delta": delta, "sigma": get_sigma_gaussian(epsilon, delta)}
                        for epsilon in [0.1, 1.0, 4.0] for delta in [1e-4, 1e-6, 1e-9]],
}
with open("guest-sdk/src/privacy/tests/peers.json", "w") as file:
    json.dump(peers, file, indent=1)
    file.write("\n")
