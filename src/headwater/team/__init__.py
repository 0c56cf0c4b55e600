"""The people who run this installation and the programs that act for them: who they are, what they may do, and
what they have done. Not the people whose events come in: those are profiles.
"""
