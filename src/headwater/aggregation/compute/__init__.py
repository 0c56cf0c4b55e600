"""compute: what traits and audiences are for a profile, live. Pure: no clock, no database.

`program` holds the definitions of a workspace ready to run, `entry` an event as they see it, `subject` what they
may know and change of a profile. What an aggregate comes to depends on which events a profile has and on the
clock, never on the order in which they came: late events, merges and computing anew from history end where living
through it all would have.
"""
