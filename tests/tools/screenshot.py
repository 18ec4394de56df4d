#!/usr/bin/env python3
"""Renders a terminal's screen to SVG.

usage: tmux capture-pane -e -p -t PANE | screenshot.py OUT.svg [COLUMNS ROWS]

Reads the screen with its colours (SGR sequences) and writes a picture that needs nothing but a
monospaced font. Lines and boxes are drawn, so that they join in any font. The size is the input's
where none is given.
"""
import re
import sys
import unicodedata
from html import escape

CELL, LINE, SIZE = 8.4, 18, 14
BACK, FORE = "#16181d", "#d8dbe2"
COLOURS = ["#3b4048", "#e06c75", "#98c379", "#d7a657", "#6ca6e8", "#c586d8", "#56b6c2", "#d8dbe2",
           "#7f848e", "#ef8891", "#b1d898", "#e6c07b", "#8cbdf2", "#d7a2e6", "#7fd0da", "#ffffff"]
SGR = re.compile(r"\x1b\[([0-9;]*)m")
# Which ways each line goes from the middle of its cell: left, right, up, down.
LINES = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "rud", "┤": "lud",
         "┬": "lrd", "┴": "lru", "┼": "lrud"}
HEAVY = dict(zip("━┃┏┓┗┛┣┫┳┻╋", LINES))
OTHER = re.compile(r"\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b\[[0-9;?]*[A-Za-ln-z]|\x1b[()].|[\x0e\x0f]")


def columns_of(char):
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def apply(style, codes):
    codes = [int(code or 0) for code in codes.split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = {}
        elif code in (1, 2, 3, 4, 7, 9):
            style = {**style, code: True}
        elif code == 22:
            style = {key: value for key, value in style.items() if key not in (1, 2)}
        elif code in (23, 24, 27, 29):
            style = {key: value for key, value in style.items() if key != code - 20}
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style = {**style, "fg": COLOURS[code - 30 if code < 40 else code - 82]}
        elif code == 39:
            style = {key: value for key, value in style.items() if key != "fg"}
        elif code in (38, 48) and codes[:1] == [5]:
            index, codes = codes[1], codes[2:]
            if code == 38 and index < 16:
                style = {**style, "fg": COLOURS[index]}
    return style


def runs(line, style):
    """Stretches of text of one style, with their column. The style lasts into the next line."""
    column, at = 0, 0
    line = OTHER.sub("", line)
    while at < len(line):
        match = SGR.match(line, at)
        if match:
            changed = apply(dict(style), match.group(1))
            style.clear()
            style.update(changed)
            at = match.end()
            continue
        end = line.find("\x1b", at)
        end = len(line) if end < 0 else end
        text = line[at:end]
        yield column, text, dict(style)
        column += sum(map(columns_of, text))
        at = end


def faint(colour):
    """A colour that is six tenths there."""
    parts = [(int(colour[at:at + 2], 16), int(BACK[at:at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(0.6 * fore + 0.4 * back):02x}" for fore, back in parts)


def draw_lines(x, y, text, fore):
    """The lines of boxes in a text, as paths: one for thin ones, one for heavy ones. Each reaches
    a little into the next cell, so that no scale leaves gaps."""
    paths = {1.1: "", 2.2: ""}
    for char in text:
        middle, level = x + CELL / 2, y + LINE / 2
        ways = LINES.get(HEAVY.get(char, char), "")
        ends = {"l": f"H{x - 0.5:.1f}", "r": f"H{x + CELL + 0.5:.1f}", "u": f"V{y - 0.5}",
                "d": f"V{y + LINE + 0.5}"}
        for way in ways:
            paths[2.2 if char in HEAVY else 1.1] += f"M{middle:.1f} {level:.1f}{ends[way]}"
        x += columns_of(char) * CELL
    return [f'<path d="{path}" stroke-width="{width}" stroke="{fore}"/>'
            for width, path in paths.items() if path]


def draw(column, row, text, style, out):
    width = sum(map(columns_of, text))
    x, y = 10 + column * CELL, 10 + row * LINE
    fore = style.get("fg", FORE)
    fore = faint(fore) if style.get(2) else fore
    if style.get(7):
        out.append(f'<rect x="{x:.1f}" y="{y}" width="{width * CELL:.1f}" height="{LINE}" '
                   f'fill="{fore}"/>')
        fore = BACK
    out.extend(draw_lines(x, y, text, fore))
    look = "".join([' font-weight="bold"' if style.get(1) else "",
                    ' font-style="italic"' if style.get(3) else "",
                    ' text-decoration="underline"' if style.get(4) else ""])
    # Each word at its own place, so that no font's width adds up along the line.
    for word in re.finditer(f"[^\\s{''.join([*LINES, *HEAVY])}]+", text):
        left = x + sum(map(columns_of, text[:word.start()])) * CELL
        span = sum(map(columns_of, word.group())) * CELL
        out.append(f'<text x="{left:.1f}" y="{y + 13.5}" fill="{fore}"{look} '
                   f'textLength="{span:.1f}" lengthAdjust="spacingAndGlyphs">'
                   f'{escape(word.group())}</text>')


def svg(lines, columns, rows):
    """A screen's lines as a picture."""
    width, height = columns * CELL + 20, rows * LINE + 20
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
           f'width="{width:.0f}" height="{height}" font-size="{SIZE}" '
           'font-family="DejaVu Sans Mono, Menlo, Consolas, Liberation Mono, monospace">',
           f'<rect width="100%" height="100%" rx="8" fill="{BACK}"/>']
    style = {}
    for row, line in enumerate(lines[:rows]):
        for column, text, look in runs(line, style):
            draw(column, row, text, look, out)
    out.append("</svg>")
    return "\n".join(out) + "\n"


def main():
    lines = sys.stdin.read().split("\n")
    if lines and not lines[-1]:
        lines.pop()
    plain = [OTHER.sub("", SGR.sub("", line)) for line in lines]
    columns = int(sys.argv[2]) if len(sys.argv) > 2 else max(
        (sum(map(columns_of, line)) for line in plain), default=80)
    rows = int(sys.argv[3]) if len(sys.argv) > 3 else len(lines)
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(svg(lines, columns, rows))


if __name__ == "__main__":
    main()
