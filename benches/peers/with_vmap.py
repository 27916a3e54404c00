"""The job for many seeds at once in PyTorch: `python with_vmap.py --at-once 1000 --device cuda`.

The models of all seeds are one stacked model (`torch.func`), whose loss and gradients are vectorised over the seeds.
"""

import argparse
import json
import sys
import time

import torch
from torch.func import functional_call, grad, stack_module_state, vmap

import job
from with_torch import Net1, Net2, loss_of, metrics_of


class Model(torch.nn.Module):
    """Loss or metrics of a network as a module's output, which is what `functional_call` calls."""

    def __init__(self, network, of):
        super().__init__()
        self.network, self.of = network, of

    def forward(self, *data):
        return self.of(self.network, *data)


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--device", default="cpu")
    own, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    options = job.arguments()
    device, count = torch.device(own.device), own.at_once
    train, test = ([torch.from_numpy(a).to(device) for a in job.pairs(split, 1000)] for split in ("train", "t10k"))
    network = {"net1": Net1, "net2": Net2}[options.network]
    shell = network().to(device)
    losses, metrics = Model(shell, loss_of), Model(shell, metrics_of)

    def gradients(weights, *batch):
        return grad(lambda weights: functional_call(losses, weights, batch))(weights)

    step = vmap(gradients, randomness="different")
    evaluate = vmap(lambda weights, *data: functional_call(metrics, weights, data), in_dims=(0, None, None, None))

    def cohort(seed, epochs):
        torch.manual_seed(seed)
        stacked = stack_module_state([network() for _ in range(count)])[0]
        weights = {f"network.{name}": w.detach().to(device) for name, w in stacked.items()}
        velocity = {name: torch.zeros_like(w) for name, w in weights.items()}
        for _ in range(epochs):
            shell.train()
            orders = torch.stack([torch.randperm(1000) for _ in range(count)]).to(device)
            for chosen in orders.split(options.batch, 1):
                slopes = step(weights, *(a[chosen] for a in train))
                for name, slope in slopes.items():
                    velocity[name].mul_(0.5).add_(slope)
                    weights[name].sub_(velocity[name], alpha=0.01)
            shell.eval()
            with torch.no_grad():
                results = [evaluate(weights, *part).cpu() for part in (train, test)]
        return results[1][:, 1].tolist()

    cohort(options.seed, 1)
    start = time.perf_counter()
    accuracies = cohort(options.seed, options.epochs)
    seconds = time.perf_counter() - start
    result = {"library": f"PyTorch {torch.__version__}, vmap", "at_once": count, "seconds": seconds, "accuracies": accuracies}
    print(json.dumps(result))


main()
