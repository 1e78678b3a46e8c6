/**
 * Who a synthetic person is: shape, skin, hair and clothes, all drawn from one random stream.
 * @module
 */
import type { Random } from "../../geometry/mod.ts";
import { drawContrast, drawFabric, drawHair, drawSkin, mix, type Rgb, scaled } from "./colour.ts";

/** How a fabric changes over the body; lengths in metres of the rest pose. */
export interface Fabric {
  /** What repeats, or splits the garment in two. */
  readonly pattern: "plain" | "rings" | "lengthwise" | "checks" | "dots" | "halves" | "yoke";
  /** The two colours; `plain` has the first only. */
  readonly colours: readonly [Rgb, Rgb];
  /** Length of one repeat. */
  readonly repeat: number;
  /** What stands on the chest. */
  readonly emblem?: {
    readonly kind: "disc" | "block" | "opening";
    readonly colour: Rgb;
    readonly size: number;
  };
}

/** Hair styles, by growing length; `hat` is a knitted cap. */
export type HairStyle = "bald" | "shaved" | "short" | "bob" | "long" | "bun" | "hat";

/** Everything that is seen of a person, in metres of the rest pose (T-pose, see the body asset). */
export interface Outfit {
  /** Coefficients of the body's shape directions, [10]. */
  readonly shape: Float32Array;
  /** Skin. */
  readonly skin: Rgb;
  /** Lips, a little off the skin. */
  readonly lips: Rgb;
  /** Irises. */
  readonly eyes: Rgb;
  /** Hair, brows and beard. */
  readonly hair: Rgb;
  /** How the hair is worn. */
  readonly hairStyle: HairStyle;
  /** Colour of the knitted cap. */
  readonly hat: Rgb;
  /** Whether there is a beard. */
  readonly beard: boolean;
  /** Whether there are dark glasses. */
  readonly glasses: boolean;
  /** Shirt, jumper or vest. */
  readonly top: {
    readonly fabric: Fabric;
    /** Largest |x| that sleeves reach; 0.16 has none, 0.655 is the wrist. */
    readonly sleeve: number;
    /** Height of the lower edge. */
    readonly hem: number;
    readonly neck: "round" | "deep" | "high";
    /** How far it stands off the skin. */
    readonly loose: number;
  };
  /** Trousers, shorts or what is worn under a skirt. */
  readonly bottom: {
    readonly fabric: Fabric;
    /** Height of the lower edge; 1 is the waist, above 0.8 nothing is worn below a skirt. */
    readonly hem: number;
    readonly loose: number;
    readonly belt?: Rgb;
  };
  /** A skirt down to this height. */
  readonly skirt?: { readonly fabric: Fabric; readonly hem: number };
  /** Shoes up to `high`, socks above them up to `sock`. */
  readonly shoes: {
    readonly colour: Rgb;
    readonly sole: Rgb;
    readonly high: number;
    readonly sock: number;
    readonly sockColour: Rgb;
  };
}

const PATTERNS = ["rings", "lengthwise", "checks", "dots", "halves", "yoke"] as const;
const HAIR_STYLES: readonly HairStyle[] = [
  "bald",
  "shaved",
  "short",
  "short",
  "short",
  "bob",
  "bob",
  "long",
  "long",
  "bun",
  "bun",
  "hat",
];

/** Draws a person. Each choice has its own stream, so that a new one leaves the others as they are. */
export function drawOutfit(random: Random): Outfit {
  const shapes = random.fork("shape");
  const shape = Float32Array.from(
    { length: 10 },
    () => Math.max(-1.8, Math.min(1.8, shapes.normal() * 0.85)),
  );
  const skin = drawSkin(random.fork("skin"));
  const hairs = random.fork("hair");
  const style = hairs.pick(HAIR_STYLES);
  const hair = drawHair(hairs);
  const clothes = random.fork("clothes");
  const topFabric = drawTopFabric(clothes, skin);
  const belowColour = drawContrast(clothes, topFabric.colours[0]);
  return {
    shape,
    skin,
    lips: mix(scaled(skin, 0.82), [0.75, 0.25, 0.28], hairs.range(0.2, 0.6)),
    eyes: hairs.pick<Rgb>([[0.25, 0.16, 0.1], [0.2, 0.35, 0.5], [0.25, 0.4, 0.25]]),
    hair,
    hairStyle: style,
    hat: drawFabric(hairs),
    beard: style !== "long" && style !== "bob" && style !== "bun" && hairs.float() < 0.3,
    glasses: hairs.float() < 0.07,
    ...drawClothes(clothes, topFabric, belowColour),
    shoes: drawShoes(clothes),
  };
}

function drawClothes(
  random: Random,
  topFabric: Fabric,
  below: Rgb,
): Pick<Outfit, "top" | "bottom" | "skirt"> {
  const skirt = random.float() < 0.2;
  const dress = skirt && random.float() < 0.45;
  const tucked = dress || skirt || random.float() < 0.25;
  const top = {
    fabric: topFabric,
    sleeve: random.pick([0.16, 0.31, 0.33, 0.36, 0.5, 0.655, 0.655, 0.655]),
    hem: tucked ? 1.0 : random.pick([0.97, 0.93, 0.9, 0.86, 0.8]),
    neck: random.pick(["round", "round", "deep", "high"] as const),
    loose: random.range(0.004, 0.016),
  };
  const legs = drawFabric(random);
  const plain = random.float() < 0.75;
  const fabric = plain
    ? plainFabric(below)
    : patterned(random, below, random.pick(["lengthwise", "checks", "rings"] as const));
  const length = random.pick([0.09, 0.09, 0.09, 0.09, 0.2, 0.45, 0.52, 0.6]);
  const tights = random.float() < 0.4;
  return {
    top,
    bottom: {
      fabric: skirt ? plainFabric(legs) : fabric,
      hem: skirt ? (tights ? 0.09 : 0.82) : length,
      loose: skirt ? 0.001 : random.range(0.003, 0.018),
      belt: tucked && !dress && random.float() < 0.5 ? scaled(below, 0.4) : undefined,
    },
    skirt: skirt
      ? {
        fabric: dress ? topFabric : fabric,
        hem: random.pick([0.3, 0.42, 0.5, 0.58]),
      }
      : undefined,
  };
}

function drawShoes(random: Random): Outfit["shoes"] {
  const colour = drawFabric(random);
  const boots = random.float() < 0.2;
  return {
    colour,
    sole: random.float() < 0.5 ? [0.9, 0.9, 0.88] : scaled(colour, 0.45),
    high: boots ? random.range(0.16, 0.36) : random.range(0.075, 0.105),
    sock: random.float() < 0.6 ? random.range(0.11, 0.3) : 0,
    sockColour: random.float() < 0.6 ? [0.9, 0.9, 0.88] : drawFabric(random),
  };
}

/** A shirt of the skin's colour would look like none. */
function drawTopFabric(random: Random, skin: Rgb): Fabric {
  const colour = drawContrast(random, skin);
  const fabric = random.float() < 0.42
    ? plainFabric(colour)
    : patterned(random, colour, random.pick(PATTERNS));
  if (random.float() > 0.4) return fabric;
  const kind = random.pick(["disc", "block", "opening"] as const);
  const size = kind === "opening" ? random.range(0.03, 0.07) : random.range(0.06, 0.1);
  return { ...fabric, emblem: { kind, colour: drawContrast(random, colour), size } };
}

function plainFabric(colour: Rgb): Fabric {
  return { pattern: "plain", colours: [colour, colour], repeat: 1 };
}

function patterned(random: Random, colour: Rgb, pattern: Fabric["pattern"]): Fabric {
  const second = drawContrast(random, colour);
  // Finer repeats than about eight pixels of the smallest pictures could not be learned.
  const repeat = pattern === "dots" ? random.range(0.1, 0.15) : random.range(0.1, 0.22);
  return { pattern, colours: [colour, second], repeat };
}
