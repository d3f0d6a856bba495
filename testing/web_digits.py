"""What strangers drew on a public web canvas, looked at by hand: rows of web-digits.npz, from 0.

Its 4,705 pictures are labelled 0, 3, 5, 6 or 8, each by the task that its drawer was given. All
were looked at, those that a net reads otherwise at four times their size.
"""

# Another digit is there than the label says.
MISLABELLED = {
    **{127: 1, 362: 1, 398: 1, 433: 7, 497: 3, 499: 9, 621: 1, 721: 1},
    **{1188: 2, 1552: 2, 1629: 1, 1709: 2},
    **{1978: 6, 2011: 4, 2306: 4, 2503: 7, 2568: 4, 2770: 1},
    **{3159: 7, 3176: 9, 3282: 5, 3402: 5, 3729: 9, 3730: 5},
    **{4174: 7, 4273: 7, 4349: 7, 4535: 3, 4642: 7},
}
# No digit is there, or two.
NO_DIGIT = {
    228: "a dash",
    1227: "a zigzag over the edge",
    1514: "32",
    1643: "31",
    2444: "55",
    2998: "an angle",
    3522: "a bear's face",
    3781: "a line of text",
    3938: "two arcs",
    4236: "dots, and a scribble",
    4246: "a figure, filled",
    4437: "a short bar",
}
# People would argue: parts of digits, blots, mirrored and unfinished ones. Counted on neither side.
DOUBTFUL = (
    *(157, 616, 1423, 1517, 2285, 2449, 2563, 2607, 3021, 3415),
    *(3878, 3921, 4258, 4312, 4402, 4538, 4539, 4588, 4667),
)
