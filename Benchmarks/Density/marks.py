"""A picture's number drawn into the picture itself, so that whoever has the picture knows which one it was. Pure.

A row of square cells at the top left, above every fence: one white, one black, then NUMBER_BITS of the number and CHECK_BITS of its
remainder, highest first, white for 1. A cell is a macroblock wide and high, so that no encoder mixes two of them.
"""
CELL_PX = 16
NUMBER_BITS, CHECK_BITS = 9, 4
CHECK = 13
WHITE, BLACK = 235, 16


def cells(number):
    """Whether each cell is white."""
    if not 0 <= number < 1 << NUMBER_BITS:
        raise ValueError(f"{number} does not fit into {NUMBER_BITS} bits")
    bits = [(number >> bit) & 1 for bit in reversed(range(NUMBER_BITS))] + [(number % CHECK >> bit) & 1 for bit in reversed(range(CHECK_BITS))]
    return [True, False, *map(bool, bits)]


def number_of(levels):
    """The number from the mean luma of each cell; None where there is no mark or it cannot be read."""
    if len(levels) != 2 + NUMBER_BITS + CHECK_BITS or any(BLACK + 70 < level < WHITE - 70 for level in levels):
        return None
    bits = [level > 128 for level in levels]
    number = sum(bit << place for place, bit in enumerate(reversed(bits[2:2 + NUMBER_BITS])))
    return number if bits == cells(number) else None


def draw(luma, number):
    """Into a picture's luma, an array of rows."""
    for place, is_white in enumerate(cells(number)):
        luma[:CELL_PX, place * CELL_PX:(place + 1) * CELL_PX] = WHITE if is_white else BLACK


def read(luma):
    """The number in a picture's luma; None where there is none."""
    inner = CELL_PX // 4
    return number_of([float(luma[inner:CELL_PX - inner, place * CELL_PX + inner:(place + 1) * CELL_PX - inner].mean()) for place in range(2 + NUMBER_BITS + CHECK_BITS)])
