"""Optimizer updates, clipping, averaged weights and learning-rate schedules of torch.optim."""

import numpy as np
import torch
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from casefile import CaseFile, normal

STEPS, KEPT = 50, (1, 2, 10, 50)

file = CaseFile(
    "optim",
    optimizer="Two parameters w (7,5) and b (5) start at w0, b0; step i (from 1) uses the gradients gw[i-1], gb[i-1], which do not "
    "depend on the parameters, and the rate params.lr or, where given, lr[i-1]. wN, bN are the parameters after N steps. "
    "The third column of gw is always 0, and gb is 0 in the first 5 steps.",
    clip="gw, gb in; clipped_w, clipped_b out. norm: one norm over both, coef = min(1, max_norm/(total_norm+1e-6)).",
    ema="w[i] are the weights after update i (i from 0); average[i] is the average after it: average[0] = w[0], "
    "then decay*average + (1-decay)*w.",
    schedule="lr[i] is the rate that optimizer step i (from 0) uses. warmup_cosine: LinearLR(start_factor, total_iters) up to the "
    "milestone, then CosineAnnealingLR(T_max = steps - warmup, eta_min): lr*(start_factor+(1-start_factor)*i/total_iters) for i < warmup. "
    "plateau: metric[i] is given to the scheduler after step i, so it acts on lr[i+1].",
)


def problem():
    gw = normal("optim/gw", STEPS, 7, 5) * np.linspace(1, 0.2, STEPS)[:, None, None]
    gw = gw.astype(np.float32).astype(np.float64)
    gw[:, :, 2] = 0
    gb = normal("optim/gb", STEPS, 5, scale=0.1)
    gb[:5] = 0
    return {"w0": normal("optim/w", 7, 5, scale=0.3), "b0": normal("optim/b", 5, scale=0.3), "gw": gw, "gb": gb}


def optimizers():
    varying = (0.02 * 0.95 ** np.arange(STEPS) * (1 + 0.5 * np.sin(np.arange(STEPS)))).astype(np.float32).astype(np.float64)
    adam = {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.0}
    rms = {"alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.0, "centered": False}
    sgd = {"momentum": 0.0, "dampening": 0.0, "nesterov": False, "weight_decay": 0.0}
    o = torch.optim
    rows = [
        ("sgd", o.SGD, 0.05, sgd, {}), ("sgd_decay", o.SGD, 0.05, sgd, {"weight_decay": 0.1}),
        ("sgd_momentum", o.SGD, 0.02, sgd, {"momentum": 0.9}),
        ("sgd_momentum_decay", o.SGD, 0.02, sgd, {"momentum": 0.9, "weight_decay": 0.05}),
        ("sgd_nesterov", o.SGD, 0.02, sgd, {"momentum": 0.9, "nesterov": True}),
        ("sgd_nesterov_decay", o.SGD, 0.02, sgd, {"momentum": 0.8, "nesterov": True, "weight_decay": 0.05}),
        ("sgd_nesterov_varying", o.SGD, varying, sgd, {"momentum": 0.9, "nesterov": True}),
        ("adam", o.Adam, 0.01, adam, {}), ("adam_decay", o.Adam, 0.01, adam, {"weight_decay": 0.1}),
        ("adam_amsgrad", o.Adam, 0.01, adam, {"amsgrad": True}), ("adam_betas", o.Adam, 0.004, adam, {"betas": [0.8, 0.99], "eps": 1e-5}),
        ("adam_varying", o.Adam, varying, adam, {}), ("adamw", o.AdamW, 0.01, adam, {"weight_decay": 0.01}),
        ("adamw_strong", o.AdamW, 0.01, adam, {"weight_decay": 0.3, "betas": [0.8, 0.99]}),
        ("adamw_varying", o.AdamW, varying, adam, {"weight_decay": 0.1}), ("adamw_amsgrad", o.AdamW, 0.01, adam, {"weight_decay": 0.1, "amsgrad": True}),
        ("rmsprop", o.RMSprop, 0.01, rms, {}), ("rmsprop_momentum", o.RMSprop, 0.01, rms, {"momentum": 0.9}),
        ("rmsprop_centered", o.RMSprop, 0.01, rms, {"centered": True, "alpha": 0.9}),
        ("rmsprop_centered_momentum_decay", o.RMSprop, 0.005, rms, {"centered": True, "momentum": 0.8, "weight_decay": 0.1, "eps": 1e-4}),
        ("radam", o.RAdam, 0.01, adam, {}),
        ("radam_decay", o.RAdam, 0.01, adam, {"weight_decay": 0.1, "decoupled_weight_decay": False}),
        ("radam_decoupled", o.RAdam, 0.01, adam, {"weight_decay": 0.1, "decoupled_weight_decay": True}),
        ("radam_betas", o.RAdam, 0.01, adam, {"betas": [0.8, 0.9]}), ("radam_varying", o.RAdam, varying, adam, {}),
    ]
    for id, make, lr, defaults, change in rows:
        options = {**defaults, **change}
        params = {"optimizer": make.__name__.lower(), "lr": lr if np.isscalar(lr) else None, "steps": STEPS, "kept": list(KEPT), **options}
        inputs = problem()
        if not np.isscalar(lr):
            inputs["lr"] = lr

        def compute(t):
            w, b = t["w0"].detach().clone(), t["b0"].detach().clone()
            optimizer = make([w, b], lr=0.0 if "lr" in t else lr, **options)
            out = {}
            for i in range(STEPS):
                if "lr" in t:
                    optimizer.param_groups[0]["lr"] = float(t["lr"][i])
                w.grad, b.grad = t["gw"][i].detach().clone(), t["gb"][i].detach().clone()
                optimizer.step()
                if i + 1 in KEPT:
                    out[f"w{i+1}"], out[f"b{i+1}"] = w.clone(), b.clone()
            return out

        file.run(id, "optimizer", params, inputs, compute)


def clipping():
    gw, gb = normal("optim/clip/w", 7, 5), normal("optim/clip/b", 5)
    rows = [("norm_1", 1.0, 2.0), ("norm_loose", 100.0, 2.0), ("norm_small", 1e-3, 2.0), ("norm_l1", 1.0, 1.0), ("norm_inf", 0.5, "inf")]
    for id, max_norm, norm_type in rows:

        def compute(t):
            p = [torch.zeros(7, 5), torch.zeros(5)]
            p[0].grad, p[1].grad = t["gw"].detach().clone(), t["gb"].detach().clone()
            total = torch.nn.utils.clip_grad_norm_(p, max_norm, float(norm_type))
            return {"total_norm": total, "clipped_w": p[0].grad, "clipped_b": p[1].grad}

        file.run(f"clip_{id}", "clip_norm", {"max_norm": max_norm, "norm_type": norm_type}, {"gw": gw, "gb": gb}, compute)
    for bound in (0.5, 10.0):

        def compute_value(t):
            p = [torch.zeros(7, 5), torch.zeros(5)]
            p[0].grad, p[1].grad = t["gw"].detach().clone(), t["gb"].detach().clone()
            torch.nn.utils.clip_grad_value_(p, bound)
            return {"clipped_w": p[0].grad, "clipped_b": p[1].grad}

        file.run(f"clip_value_{bound:g}", "clip_value", {"clip_value": bound}, {"gw": gw, "gb": gb}, compute_value)


def averages():
    for decay in (0.9, 0.999):

        def compute(t):
            layer = torch.nn.Linear(8, 1, bias=False)
            average = AveragedModel(layer, multi_avg_fn=get_ema_multi_avg_fn(decay))
            rows = []
            for w in t["w"]:
                layer.weight.data.copy_(w.detach()[None])
                average.update_parameters(layer)
                rows.append(average.module.weight.detach()[0].clone())
            return {"average": torch.stack(rows)}

        file.run(f"ema_{decay:g}", "ema", {"decay": decay}, {"w": normal("optim/ema", 30, 8)}, compute)


def rates(make, lr, steps, metric=None):
    """The rate of each of the steps; make builds the scheduler from an optimizer."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = make(optimizer)
    out = []
    for i in range(steps):
        out.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if i + 1 < steps:
            scheduler.step(*([] if metric is None else [metric[i]]))
    return np.array(out)


def schedules():
    def add(id, kind, steps, lr, params, make, metric=None):
        values = rates(make, lr, steps, metric)
        inputs = {} if metric is None else {"metric": np.array(metric)}
        file.run(id, "schedule", {"schedule": kind, "lr": lr, "steps": steps, **params}, inputs, lambda _: {"lr": torch.tensor(values)})

    s = lr_scheduler
    for gamma in (0.993, 0.5):
        add(f"exponential_{gamma:g}", "exponential", 40, 4e-3, {"gamma": gamma}, lambda o: s.ExponentialLR(o, gamma))
    for size, gamma in [(10, 0.5), (7, 0.1), (1, 0.9)]:
        add(f"step_{size}_{gamma:g}", "step", 40, 0.1, {"step_size": size, "gamma": gamma}, lambda o: s.StepLR(o, size, gamma))
    for steps, eta_min in [(50, 0.0), (37, 1e-4), (1, 0.0)]:
        add(f"cosine_{steps}_{eta_min:g}", "cosine", steps, 3e-3, {"eta_min": eta_min}, lambda o: s.CosineAnnealingLR(o, steps, eta_min))
    for id, steps, warmup, eta_min, iters in [("a", 60, 10, 0.0, 10), ("b", 41, 7, 1e-5, 7), ("c", 60, 10, 0.0, 9), ("d", 30, 1, 1e-4, 1)]:
        start = 1 / warmup

        def make(o):
            linear = s.LinearLR(o, start_factor=start, total_iters=iters)
            cosine = s.CosineAnnealingLR(o, steps - warmup, eta_min)
            return s.SequentialLR(o, [linear, cosine], [warmup])

        params = {"warmup": warmup, "eta_min": eta_min, "start_factor": start, "total_iters": iters}
        add(f"warmup_cosine_{id}", "warmup_cosine", steps, 2e-3, params, make)
    for anneal in ("cos", "linear"):
        for three_phase in (False, True):
            for steps, pct, div, final in [(50, 0.3, 25.0, 1e4), (33, 0.4, 10.0, 100.0)]:
                params = {"max_lr": 0.01, "pct_start": pct, "div_factor": div, "final_div_factor": final, "anneal": anneal, "three_phase": three_phase}
                add(
                    f"onecycle_{anneal}_{'three' if three_phase else 'two'}_{steps}", "onecycle", steps, 0.01, params,
                    lambda o: s.OneCycleLR(
                        o, 0.01, total_steps=steps, pct_start=pct, anneal_strategy=anneal, cycle_momentum=False,
                        div_factor=div, final_div_factor=final, three_phase=three_phase,
                    ),
                )
    metric = [1.0, 0.8, 0.8, 0.79999, 0.81, 0.9, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.69, 0.695, 0.7, 0.71, 0.7, 0.7, 0.7, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
    base = {"mode": "min", "factor": 0.5, "patience": 3, "threshold": 1e-4, "threshold_mode": "rel", "cooldown": 0, "min_lr": 0.0, "eps": 1e-8}
    changes = {
        "default": {}, "patience0": {"patience": 0, "factor": 0.9}, "abs": {"threshold_mode": "abs", "threshold": 0.05},
        "cooldown": {"patience": 1, "cooldown": 3}, "min_lr": {"patience": 1, "factor": 0.1, "min_lr": 1e-4},
        "eps": {"patience": 0, "factor": 0.1, "eps": 1e-5}, "max": {"mode": "max", "patience": 2}, "rel_large": {"threshold": 0.1, "patience": 2},
    }
    for id, change in changes.items():
        params = {**base, **change}
        add(f"plateau_{id}", "plateau", 30, 5e-3, params, lambda o: s.ReduceLROnPlateau(o, **params), metric)


optimizers()
clipping()
averages()
schedules()
file.write()
