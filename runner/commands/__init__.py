"""The command line. It sits on top of the house: the only code that may use every other room."""

import click

from runner import version
from runner.commands.doctor import doctor
from runner.commands.envs import envs
from runner.commands.plan import plan
from runner.commands.report import report
from runner.commands.reproduce import reproduce
from runner.commands.run import run
from runner.commands.task import task


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version.text(), message="crossload %(version)s")
def cli() -> None:
    """Save models in one TensorFlow/Keras environment, load them in every other, show what survived."""


for command in (run, plan, task, report, reproduce, envs, doctor):
    cli.add_command(command)
