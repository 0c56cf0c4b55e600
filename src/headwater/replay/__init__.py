"""Replay: events that were accepted once, or set aside, sent again: to one destination or through the pipeline.

    what is asked ──▶ port ──▶ worker (in `serve`) ──select──▶ lake / dead letters
                       ▲          │ mark
                       └─progress─┴──▶ outbound log / collected log

A step is durable in an order that makes a kill at any moment harmless: first what the step will have done, under a
number, then the append under the same number, which the log takes once (Producer), then that it was done. Whoever
finds a step begun asks the log whether its number has arrived.
"""
