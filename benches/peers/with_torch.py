"""The job in PyTorch: `python with_torch.py [--compile]`."""

import sys

import torch
from torch import nn
from torch.nn import functional as F

import job


def convolutions(channels):
    return [
        nn.Conv2d(channels, 10, 3),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(10, 20, 3),
        nn.Dropout2d(0.2),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
    ]


class Net1(nn.Module):
    def __init__(self):
        super().__init__()
        dense = [nn.Linear(80, 50), nn.ReLU(), nn.Linear(50, 10), nn.ReLU(), nn.Linear(10, 2)]
        self.layers = nn.Sequential(*convolutions(2), *dense)

    def forward(self, pixels):
        return self.layers(pixels), None


class Net2(nn.Module):
    def __init__(self):
        super().__init__()
        self.each = nn.Sequential(*convolutions(1), nn.Linear(80, 80), nn.ReLU(), nn.Linear(80, 10))
        self.then = nn.Sequential(nn.Linear(20, 50), nn.ReLU(), nn.Linear(50, 2))

    def forward(self, pixels):
        scores = self.each(pixels.reshape(-1, 1, 14, 14))
        return self.then(scores.reshape(-1, 20)), scores


def loss_of(network, pixels, targets, digits):
    output, scores = network(pixels)
    loss = F.cross_entropy(output, targets)
    return loss if scores is None else loss + F.cross_entropy(scores, digits.flatten())


def metrics_of(network, pixels, targets, digits):
    output, scores = network(pixels)
    metrics = [F.cross_entropy(output, targets), (output.argmax(1) == targets).float().mean()]
    if scores is not None:
        digits = digits.flatten()
        metrics += [F.cross_entropy(scores, digits), (scores.argmax(1) == digits).float().mean()]
    return torch.stack(metrics)


def main():
    compiled = "--compile" in sys.argv
    if compiled:
        sys.argv.remove("--compile")
    options = job.arguments()
    torch.set_num_threads(1)
    train, test = ([torch.from_numpy(a) for a in job.pairs(split, 1000)] for split in ("train", "t10k"))
    network = {"net1": Net1, "net2": Net2}[options.network]().to(memory_format=torch.channels_last)
    layers = [layer for layer in network.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.5, fused=True)
    wrap = (lambda f: torch.compile(f, dynamic=False)) if compiled else (lambda f: f)
    loss_function, evaluate = wrap(loss_of), wrap(metrics_of)

    def run(seed, epochs):
        torch.manual_seed(seed)
        for layer in layers:
            layer.reset_parameters()
        for state in optimizer.state.values():
            state["momentum_buffer"].zero_()
        for _ in range(epochs):
            network.train()
            for chosen in torch.randperm(1000).split(options.batch):
                optimizer.zero_grad()
                loss_function(network, *(a.index_select(0, chosen) for a in train)).backward()
                optimizer.step()
            network.eval()
            with torch.inference_mode():
                metrics = [evaluate(network, *part).tolist() for part in (train, test)]
        return metrics[1][1]

    job.measure(f"PyTorch {torch.__version__}{', compiled' if compiled else ''}", run, options)


if __name__ == "__main__":
    main()
