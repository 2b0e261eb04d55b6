"""Which events and messages a subscriber wants: EventBridge's event patterns and SNS's filter
policies, read and checked when they are declared and compiled once. A deployed function needs none
of this: there AWS matches.
"""

from .pattern import Pattern as Pattern
from .pattern import event_pattern as event_pattern
from .pattern import filter_policy as filter_policy
