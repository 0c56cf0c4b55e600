"""Events as they arrive, for whoever watches: one thread reads along with both logs (`tail`), asks what became of
each arrival (`reading`, `unsettled`), and hands it to every watcher whose selection it meets (`watcher`), within
bounds. `stream` sends it as server-sent events. While nobody watches there is no thread, no bell and no cost.
"""
