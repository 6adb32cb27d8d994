"""Makes guest-sdk/src/privacy/tests/peers.json: what dp-accounting and mpmath say of concentrated differential
privacy, and what the accountant of arXiv 2102.06387 says of distributed discrete Gaussians.

Usage: python privacy.py ACCOUNTANT, from the root, with dp-accounting, mpmath and scipy. ACCOUNTANT is the
paper's own: the file distributed_dp/accounting_utils.py of github.com/google-research/federated."""

import importlib.util
import json
import math
import sys
import types
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

def published(path):
    """Loads the paper's accountant. What it calls of tensorflow-privacy is in dp-accounting now."""
    conversion = types.ModuleType("tensorflow_privacy")
    conversion.get_privacy_spent = lambda orders, divergences, target_delta: (
        rdp.compute_epsilon(orders, divergences, target_delta)[0], target_delta, None)
    sys.modules["tensorflow_privacy"] = conversion
    spec = importlib.util.spec_from_file_location("accounting_utils", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

def distributed(accountant, variance, honest, sensitivity, dimension, steps, delta):
    # It takes whole orders only: these are near enough to the best where epsilon is not large.
    epsilon, _ = accountant.ddgauss_epsilon(
        1.0, math.sqrt(variance), honest, sensitivity, 0, dimension, 1, steps, delta, rounding=False,
        orders=range(2, 5_000))
    return {"variance": variance, "honest": honest, "sensitivity": sensitivity, "dimension": dimension,
            "steps": steps, "delta": delta, "epsilon": float(epsilon)}

def drop_outs(accountant):
    """The paper's experiment with clients that leave, as its plot_client_dropout.py has it: noise for 100 of
    them, of whom fewer add theirs."""
    dimension, steps, delta, beta = 2**20, 1500, 1e-5, math.exp(-0.5)
    for epsilon in [1, 2, 4, 6, 8]:
        gamma, deviation = accountant.ddgauss_params(
            1, epsilon, 1.0, 32, 100, dimension, delta, beta, steps, k=4)
        # In units of the grid, on which noise has a whole variance here.
        variance = math.ceil((deviation / gamma) ** 2)
        sensitivity = float(accountant.rounded_l2_norm_bound(1.0 / gamma, beta, dimension))
        for honest in [100, 90, 70, 40]:
            yield distributed(accountant, variance, honest, sensitivity, dimension, steps, delta)

accountant = published(sys.argv[1])
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
peers["distributed"] = [
    distributed(accountant, *of)
    for of in [(1, 1, 1.0, 1, 1, 1e-6), (1, 2, 1.0, 1, 1, 1e-6), (1, 10, 1.0, 1, 1, 1e-6),
               (1, 2, 1.0, 100, 1, 1e-6), (1, 1000, 30.0, 1000, 1, 1e-5), (2, 50, 4.0, 10_000, 5, 1e-6),
               (4, 3, 2.0, 10, 1, 1e-6), (2500, 100, 1.0, 10, 1, 1e-6), (1_000_000, 3, 1000.0, 100, 1, 1e-6)]
]
peers["drop_outs"] = list(drop_outs(accountant))
with open("guest-sdk/src/privacy/tests/peers.json", "w") as file:
    json.dump(peers, file, indent=1)
    file.write("\n")
