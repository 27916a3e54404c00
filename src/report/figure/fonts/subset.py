"""Makes the two font files: Roboto (Debian's fonts-roboto-unhinted) plus four arrows, cut to the characters a figure needs."""
import sys
from fontTools.ttLib import TTFont
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools import subset

KEEP = ("20-7E,A0-17F,192,2C6,2C7,2D8-2DD,384-3CE,3D1,3D5,400-45F,1E9E,2009,200A,2010-2015,2018-201E,2020-2022,2026,2030,"
        "2032,2033,2039,203A,2044,2070-208E,20AC,2113,2122,2126,2190-2193,2202,2206,220F,2211,2212,2215,2219,221A,"
        "221E,222B,2248,2260,2264,2265,25CA")
SOURCE = "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-{}.ttf"
# An arrow to the right, in a box of 1800 units around (900, 700).
ARROW = lambda t: [(160, 700 - t), (160, 700 + t), (1240, 700 + t), (880, 1060), (1000, 1160 + t // 2),
                   (1640, 700), (1000, 240 - t // 2), (880, 340), (1240, 700 - t)]
TURNS = {0x2192: lambda x, y: (x, y), 0x2190: lambda x, y: (1800 - x, 1400 - y),
         0x2191: lambda x, y: (900 - (y - 700), 700 + (x - 900)), 0x2193: lambda x, y: (900 + (y - 700), 700 - (x - 900))}

for weight, thick in (("Regular", 75), ("Bold", 130)):
    font = TTFont(SOURCE.format(weight))
    for code, turn in TURNS.items():
        pen = TTGlyphPen(None)
        points = [turn(*p) for p in ARROW(thick)]
        pen.moveTo(points[0])
        for p in points[1:]:
            pen.lineTo(p)
        pen.closePath()
        name = f"uni{code:04X}"
        font["glyf"][name] = pen.glyph()
        font["glyf"][name].recalcBounds(font["glyf"])
        font["hmtx"][name] = (1800, font["glyf"][name].xMin)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "gasp"]
    options.recalc_timestamp = False
    cut = subset.Subsetter(options)
    codes = set()
    for part in KEEP.split(","):
        ends = [int(x, 16) for x in part.split("-")]
        codes.update(range(ends[0], ends[-1] + 1))
    cut.populate(unicodes=codes)
    cut.subset(font)
    font["name"].setName(f"Roboto {weight}, cut down for replikat, with four arrows added", 10, 3, 1, 0x409)
    font.save(f"{sys.argv[1]}/Roboto-{weight}.subset.ttf")
