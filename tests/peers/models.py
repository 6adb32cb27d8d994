"""Makes tests/data/models.json: what statsmodels and lifelines fit to the pooled data that the tests of
glm and coxph split. Usage: python models.py, from the root, with pandas, statsmodels and lifelines."""

import json

import lifelines
import numpy as np
import pandas as pd
import statsmodels
import statsmodels.api as sm

def glm(data, outcome, features, family):
    rows = data[[outcome, *features]].dropna()
    y, x = rows[outcome], sm.add_constant(rows[features])
    fit = sm.GLM(y, x, family=family).fit(tol=1e-14, maxiter=100)
    statistics, p_values = fit.tvalues, fit.pvalues
    if isinstance(family, sm.families.Gaussian):
        fit_t = sm.OLS(y, x).fit()
        statistics, p_values = fit_t.tvalues, fit_t.pvalues
    return {
        "rows": len(rows), "outcome": outcome, "features": features,
        "coefficients": list(fit.params), "standard_errors": list(fit.bse),
        "statistics": list(statistics), "p_values": list(p_values),
        "deviance": fit.deviance, "null_deviance": fit.null_deviance, "log_likelihood": fit.llf,
    }

def cox(data, time, event, features, ties):
    rows = data[[time, event, *features]].dropna()
    result = {"rows": len(rows), "events": int(rows[event].sum()), "time": time, "event": event,
              "features": features, "ties": ties}
    if ties == "efron":
        fit = lifelines.CoxPHFitter().fit(rows, time, event, fit_options={"precision": 1e-12})
        return result | {
            "coefficients": list(fit.params_), "standard_errors": list(fit.standard_errors_),
            "statistics": list(fit.summary["z"]), "p_values": list(fit.summary["p"]),
            "log_likelihood": fit.log_likelihood_,
            "null_log_likelihood": fit.log_likelihood_ - fit.log_likelihood_ratio_test().test_statistic / 2,
        }
    model = sm.PHReg(rows[time], rows[features], status=rows[event], ties=ties)
    fit = model.fit()
    return result | {
        "coefficients": list(fit.params), "standard_errors": list(fit.bse),
        "statistics": list(fit.tvalues), "p_values": list(fit.pvalues), "log_likelihood": fit.llf,
        "null_log_likelihood": model.loglike(np.zeros(len(features))),
    }

lung, cancer = (pd.read_csv(f"tests/data/{name}.csv") for name in ["lung", "breast_cancer"])
kidney = pd.read_csv("tests/data/kidney_transplant.csv")
cells = ["mean_radius", "mean_texture", "mean_smoothness", "mean_concavity"]
families = sm.families
models = {
    "made_with": {"statsmodels": statsmodels.__version__, "lifelines": lifelines.__version__},
    "linear": glm(lung, "ph_karno", ["age", "sex", "ph_ecog"], families.Gaussian()),
    "logistic": glm(cancer, "target", cells, families.Binomial()),
    "poisson": glm(lung, "ph_ecog", ["age", "sex", "pat_karno"], families.Poisson()),
}
groups = ["age", "black_male", "white_male", "black_female"]
for ties in ["efron", "breslow"]:
    models[f"lung_{ties}"] = cox(lung, "time", "status", ["age", "sex", "ph_ecog"], ties)
    models[f"kidney_{ties}"] = cox(kidney, "time", "death", groups, ties)
with open("tests/data/models.json", "w") as file:
    json.dump(models, file, indent=1)
    file.write("\n")
