"""`glmdata recipes`: the recipes that come with the package."""

from __future__ import annotations

import click

from glmdata import engine
from glmdata.cli import exit_codes
from glmdata.cli.output import say, say_json
from glmdata.cli.summary import figure
from glmdata.config.spelling import unknown


@click.command("recipes", epilog="Exit codes: 0 done, 2 usage, 70 internal.")
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--json", "as_json", is_flag=True, help="print names, files and stages as JSON")
def command(name: str | None, as_json: bool) -> int:
    """List the recipes that come with glmdata, or print one.

    `glmdata run NAME` runs one as it is. To change one, print it into a file of your own and run
    that: `glmdata recipes glm4 > mine.toml`, `glmdata run mine.toml`.
    """
    recipes = engine.named_recipes()
    if name is not None and name not in recipes:
        raise unknown(f"no recipe `{name}`", name, recipes)
    chosen = {name: recipes[name]} if name else recipes
    if as_json:
        stages = {key: list(engine.read_recipe(path).stages) for key, path in chosen.items()}
        say_json({key: {"file": str(chosen[key]), "stages": stages[key]} for key in chosen})
    elif name:
        say(chosen[name].read_text("utf-8"), nl=False)
    else:
        for key, path in recipes.items():
            # Each begins with a sentence on what it is for.
            about = path.read_text("utf-8").partition("\n")[0].lstrip("# ")
            say(figure(key, about))
            say(figure("", ", ".join(engine.read_recipe(path).stages)))
    return exit_codes.DONE
