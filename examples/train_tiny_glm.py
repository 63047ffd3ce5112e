"""Train a small model of GLM-4's shape on a pack plan, on a CPU; kill it, run it again, it goes on.

    glmdata dedup --input crawl/ && glmdata filter && glmdata train-tokenizer
    glmdata shard && glmdata mix --row-length 256
    python examples/train_tiny_glm.py --plan glmdata-out/mix --output tiny-glm --steps 300

Rows of any length train, but a CPU wants short ones: `glmdata mix --row-length 256 --output short`
plans them on the store of any run within seconds, `--plan short` takes them.

It shows what training code does with glmdata: rows as batches, attention and positions inside of
documents, and a state of the data beside that of the model. The shape is that of
GLM-4 (arXiv 2406.12793): no bias but in query, key and value, RMSNorm, SwiGLU, rotary positions on
half of a head, grouped query attention; transformers has it as `GlmForCausalLM`.

`tiny-glm/log.jsonl` gets a line a step: its loss, and a hash of its ids, by which a resumed run can
be compared with one that nobody interrupted. Needs `pip install 'glmdata[torch]' transformers`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader
from transformers import GlmConfig, GlmForCausalLM

from glmdata import TokenRows
from glmdata.rows import block_diagonal_mask
from glmdata.rows.torch import TokenRowsDataset

LEARNING_RATE = 2e-3
WARM_UP = 20
"""Steps until the learning rate is reached."""
PLACES = 1024
"""Of which logits are held at a time."""


def tiny_glm(rows: TokenRows) -> GlmForCausalLM:
    """About a million parameters and the embeddings."""
    return GlmForCausalLM(
        GlmConfig(
            vocab_size=rows.vocabulary_rows,
            hidden_size=128,
            intermediate_size=344,
            num_hidden_layers=4,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=32,
            attention_bias=True,
            max_position_embeddings=rows.row_length,
            pad_token_id=rows.pad_id,
            eos_token_id=rows.pad_id,
        )
    )


def loss_of(model: GlmForCausalLM, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """The mean loss of the labels of a batch.

    Attention stays inside of documents by a mask, which is fine for short rows; with flash
    attention, hand `cu_seqlens` over instead. A plan of length buckets wants the losses weighed by
    `glmdata.rows.balanced_weights`.
    """
    mask = torch.from_numpy(block_diagonal_mask(batch["doc_ids"].numpy()))
    hidden = model.model(
        input_ids=batch["input_ids"],
        position_ids=batch["position_ids"],
        attention_mask=mask[:, None],
    ).last_hidden_state
    # What is at a place predicts the token behind it.
    hidden, labels = hidden[:, :-1].flatten(0, 1), batch["labels"][:, 1:].flatten()
    # Logits of 150 thousand words are too large to be held for all places at once.
    parts = zip(hidden.split(PLACES), labels.split(PLACES), strict=True)
    sums = [checkpoint(sum_of, model.lm_head, *part, use_reentrant=False) for part in parts]
    return torch.stack(sums).sum() / (labels != -100).sum()


def sum_of(head: torch.nn.Linear, hidden: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The sum of the losses of some places."""
    return torch.nn.functional.cross_entropy(
        head(hidden), labels, ignore_index=-100, reduction="sum"
    )


def save(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all: a run killed while it saves keeps the checkpoint before."""
    temporary = path.with_suffix(".tmp")
    torch.save(content, temporary)
    temporary.replace(path)


def train(options: argparse.Namespace) -> None:
    """Train up to a step, from the last checkpoint if there is one."""
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    options.output.mkdir(parents=True, exist_ok=True)
    saved_at = options.output / "checkpoint.pt"

    rows = TokenRows(options.plan)
    dataset = TokenRowsDataset(rows, options.batch_size, epochs=None)
    model = tiny_glm(rows)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.95))
    first = 0
    if saved_at.exists():
        saved = torch.load(saved_at)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        dataset.load_state_dict(saved["data"])
        first = saved["step"]
    # The dataset makes whole batches; workers prepare them ahead.
    batches = iter(DataLoader(dataset, batch_size=None, num_workers=options.workers))

    with (options.output / "log.jsonl").open("a") as log:
        for step in range(first, options.steps):
            began = time.perf_counter()
            batch = next(batches)
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * min(1.0, (step + 1) / WARM_UP)
            loss = loss_of(model, batch)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            line = {
                "step": step,
                "loss": round(loss.item(), 6),
                "batch": hashlib.sha256(batch["input_ids"].numpy()).hexdigest(),
                "seconds": round(time.perf_counter() - began, 4),
            }
            print(json.dumps(line), file=log, flush=True)
            if (step + 1) % 10 == 0:
                print(f"step {step + 1:5}  loss {line['loss']:.3f}", flush=True)
            if (step + 1) % options.save_every == 0 or step + 1 == options.steps:
                states = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
                # Not the dataset's own place: workers have read ahead of the step.
                data = dataset.state_after(step + 1 - first)
                save(saved_at, {**states, "data": data, "step": step + 1})


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train a tiny GLM on a pack plan.")
    parser.add_argument("--plan", type=Path, required=True, help="folder of `glmdata mix`")
    parser.add_argument("--output", type=Path, required=True, help="checkpoint and log")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch-size", type=int, default=8, help="rows a step")
    parser.add_argument("--save-every", type=int, default=20, help="steps between checkpoints")
    parser.add_argument("--workers", type=int, default=1, help="processes that read rows")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    train(parser.parse_args())


if __name__ == "__main__":
    main()
