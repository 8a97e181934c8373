"""What a template may cost, so that no template a tenant can write takes 10 ms of a worker.

python-liquid's own limits leave filters, sibling loops and its lexer unbounded (measured: 16 s and
200 MB inside all four of them), so most of these are checked before anything is rendered.
"""

# A message is at most 1,600 characters; conditions and wordings fit six times over.
TEMPLATE_LIMIT_CHARS = 10_000

# The lexer's patterns backtrack: quadratic in the length of one `{{ … }}` and of a run of blanks.
MARKUP_LIMIT_CHARS = 500
MARKUP_BLANK_LIMIT_CHARS = 64
# Parsing one takes 20 to 60 µs.
MARKUP_LIMIT_PIECES = 150

BLOCK_NESTING_LIMIT_LEVELS = 10
LOOP_NESTING_LIMIT_LEVELS = 3
EXPRESSION_NESTING_LIMIT_LEVELS = 32
# Scopes: locals, properties, counters, the template's own, one per loop.
CONTEXT_LIMIT_SCOPES = 8

RANGE_LIMIT_STEPS = 1_000
LOOP_LIMIT_STEPS = 500
# Nodes, expressions and filters, multiplied by the loops around them.
OPERATION_LIMIT_STEPS = 2_000
# A filter copies its value, the others only look something up.
FILTER_COST_STEPS = 4

LOCALS_LIMIT_NAMES = 32
LOCALS_LIMIT_BYTES = 20_000

# Ten segments of GSM-7 are 1,530 characters; carriers refuse more than 1,600.
MESSAGE_LIMIT_CHARS = 1_600
# A longer value cannot stand in a message, so no filter needs to look at one.
VALUE_LIMIT_CHARS = MESSAGE_LIMIT_CHARS
# Every message of 1,600 characters fits (4 bytes each), whatever the alphabet.
OUTPUT_LIMIT_BYTES = 8_000

DATE_FORMAT_LIMIT_CHARS = 64
