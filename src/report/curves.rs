//! Curves of searches as SVG: how good the best config is after so many evaluations, one panel per space.

use plotters::coord::Shift;
use plotters::prelude::*;
use thiserror::Error;

/// Curves that are drawn into one pair of axes.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What stands above it.
    pub title: String,
    /// One for each strategy, in the order of the legend.
    pub curves: Vec<Curve>,
}

/// One strategy.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Its name in the legend.
    pub name: String,
    /// In the order of evaluations.
    pub points: Vec<Point>,
}

/// Where a strategy stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// After so many evaluations.
    pub evaluations: usize,
    /// The mean fraction of the optimum.
    pub mean: f64,
    /// The lower quartile.
    pub low: f64,
    /// The upper quartile.
    pub high: f64,
}

/// A picture that could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the curves could not be drawn: {0}")]
pub struct CurvesError(String);

/// Pixels across; a panel has all of them or half.
const WIDTH: u32 = 1200;
const PANEL_HEIGHT: u32 = 400;
const TITLE_HEIGHT: u32 = 44;
const LEGEND_LINE: u32 = 24;
/// Left and right of the title and the legend.
const MARGIN: i32 = 24;

/// Colours that people with any colour vision can tell apart, on white: the "muted" scheme of P. Tol, "Colour Schemes"
/// (SRON/EPS/TN/09-002), without its grey, and black. Further curves begin again.
const COLOURS: [RGBColor; 10] = [
    RGBColor(0x33, 0x22, 0x88),
    RGBColor(0xcc, 0x66, 0x77),
    RGBColor(0x11, 0x77, 0x33),
    RGBColor(0x88, 0xcc, 0xee),
    RGBColor(0x88, 0x22, 0x55),
    RGBColor(0xdd, 0xcc, 0x77),
    RGBColor(0x44, 0xaa, 0x99),
    RGBColor(0xaa, 0x44, 0x99),
    RGBColor(0x99, 0x99, 0x33),
    RGBColor(0, 0, 0),
];

/// How strongly all bands of quartiles together cover what lies below them, and one at most.
const BANDS: f64 = 0.4;
const BAND: f64 = 0.12;

/// The first evaluation that is drawn, if the runs are long enough: before, all strategies guess.
const FIRST: usize = 10;

/// How many points a curve has at most.
const MOST_POINTS: usize = 250;

/// Up to which evaluations curves of this length are worth computing: all at first, then ever fewer, evenly on the
/// logarithmic axis.
pub fn places(evaluations: usize) -> Vec<usize> {
    let first = if evaluations >= 5 * FIRST { FIRST } else { 1 };
    let step = (evaluations as f64 / first as f64).powf(1.0 / MOST_POINTS as f64);
    let spread = (0..=MOST_POINTS).map(|i| (first as f64 * step.powi(i as i32)).round() as usize);
    let mut places: Vec<usize> = spread.map(|place| place.clamp(1, evaluations.max(1))).collect();
    places.dedup();
    places
}

/// Draws panels under one title and one legend.
///
/// # Errors
/// When the panels do not fit into a picture, such as hundreds of thousands of them.
pub fn svg(title: &str, panels: &[Panel]) -> Result<String, CurvesError> {
    let mut text = String::new();
    draw(&mut text, title, panels).map_err(|error| CurvesError(error.to_string()))?;
    Ok(text)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw(text: &mut String, title: &str, panels: &[Panel]) -> Drawn {
    let names: Vec<&str> = panels.iter().take(1).flat_map(|panel| &panel.curves).map(|c| c.name.as_str()).collect();
    let legend = legend(&names);
    let lines = legend.last().map_or(0, |entry| entry.line + 1);
    let head = TITLE_HEIGHT + LEGEND_LINE * lines as u32;
    let columns = panels.len().clamp(1, 2);
    let rows = panels.len().div_ceil(columns);
    let root = SVGBackend::with_string(text, (WIDTH, head + PANEL_HEIGHT * rows as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    let (top, rest) = root.split_vertically(head);
    top.draw(&Text::new(title.to_owned(), (MARGIN, 14), ("sans-serif", 22)))?;
    legend.iter().try_for_each(|entry| entry.draw(&top))?;
    for (panel, area) in panels.iter().zip(rest.split_evenly((rows, columns))) {
        panel.draw(&area)?;
    }
    root.present()?;
    Ok(())
}

/// The colour of the curve with this number.
fn colour(curve: usize) -> RGBColor {
    COLOURS[curve % COLOURS.len()]
}

/// A name in the legend.
struct Entry<'a> {
    name: &'a str,
    colour: RGBColor,
    line: usize,
    left: i32,
}

/// Names one after the other, in as many lines as they take.
fn legend<'a>(names: &[&'a str]) -> Vec<Entry<'a>> {
    let (mut line, mut left) = (0, MARGIN);
    let place = |(curve, name): (usize, &&'a str)| {
        // The mark, a gap, and what a character takes on average.
        let width = 60 + 9 * name.chars().count() as i32;
        if left + width > WIDTH as i32 && left > MARGIN {
            (line, left) = (line + 1, MARGIN);
        }
        let entry = Entry { name, colour: colour(curve), line, left };
        left += width;
        entry
    };
    names.iter().enumerate().map(place).collect()
}

impl Entry<'_> {
    fn draw(&self, area: &Area) -> Drawn {
        let top = (TITLE_HEIGHT + LEGEND_LINE * self.line as u32) as i32;
        area.draw(&Rectangle::new([(self.left, top + 2), (self.left + 26, top + 14)], self.colour.mix(BAND).filled()))?;
        area.draw(&Rectangle::new([(self.left, top + 6), (self.left + 26, top + 10)], self.colour.filled()))?;
        area.draw(&Text::new(self.name.to_owned(), (self.left + 34, top), ("sans-serif", 16)))?;
        Ok(())
    }
}

impl Panel {
    fn draw(&self, area: &Area) -> Drawn {
        let (first, last) = self.evaluations();
        let across = (first..last).log_scale().with_key_points(ticks(first, last));
        let mut chart = ChartBuilder::on(area)
            .caption(&self.title, ("sans-serif", 18))
            .margin(12)
            .margin_right(24)
            .x_label_area_size(44)
            .y_label_area_size(60)
            .build_cartesian_2d(across, self.lowest()..1.0)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .label_style(("sans-serif", 14))
            .axis_desc_style(("sans-serif", 15))
            .x_desc("evaluations")
            .y_desc("fraction of the optimum")
            .y_label_formatter(&|fraction| format!("{fraction:.2}"))
            .x_label_formatter(&|evaluations| format!("{evaluations:.0}"))
            .draw()?;
        let share = (BANDS / self.curves.len() as f64).min(BAND);
        // All bands below all means.
        for (number, curve) in self.curves.iter().enumerate() {
            chart.draw_series([Polygon::new(curve.band(), colour(number).mix(share))])?;
        }
        for (number, curve) in self.curves.iter().enumerate() {
            let mean = curve.points.iter().map(|point| (point.evaluations as f64, point.mean));
            chart.draw_series(LineSeries::new(mean, colour(number).stroke_width(2)))?;
        }
        Ok(())
    }

    /// The ends of the axis of evaluations; never the same, since a scale has a length.
    fn evaluations(&self) -> (f64, f64) {
        let all = || self.points().map(|point| point.evaluations as f64);
        let first = all().fold(f64::INFINITY, f64::min);
        let last = all().fold(1.0, f64::max);
        if first < last { (first, last) } else { (1.0, last.max(2.0)) }
    }

    /// The lower end of the axis of fractions, a tenth.
    fn lowest(&self) -> f64 {
        let lowest = self.points().map(|point| point.low.min(point.mean)).fold(0.9, f64::min);
        (10.0 * lowest).floor() / 10.0
    }

    fn points(&self) -> impl Iterator<Item = &Point> {
        self.curves.iter().flat_map(|curve| &curve.points)
    }
}

impl Curve {
    /// The outline of the quartiles: along the upper one and back along the lower.
    fn band(&self) -> Vec<(f64, f64)> {
        let upper = self.points.iter().map(|point| (point.evaluations as f64, point.high));
        let lower = self.points.iter().rev().map(|point| (point.evaluations as f64, point.low));
        upper.chain(lower).collect()
    }
}

/// 1, 2, 5, 10, 20, 50 and so on within the ends.
fn ticks(first: f64, last: f64) -> Vec<f64> {
    let decades = (0..).map(|decade| 10f64.powi(decade)).take_while(|decade| *decade <= last);
    let all = decades.flat_map(|decade| [1.0, 2.0, 5.0].map(|leading| leading * decade));
    all.filter(|tick| (first..=last).contains(tick)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panels(panels: usize, curves: usize, evaluations: usize) -> Vec<Panel> {
        let point = |n: usize| Point { evaluations: n, mean: 1.0 - 0.5 / n as f64, low: 0.4, high: 1.0 };
        let points: Vec<Point> = places(evaluations).into_iter().map(point).collect();
        let curve = |number| Curve { name: format!("<{number}> & more"), points: points.clone() };
        let curves: Vec<Curve> = (0..curves).map(curve).collect();
        (0..panels).map(|number| Panel { title: format!("space {number}"), curves: curves.clone() }).collect()
    }

    /// How many of the lines that begin like this have the colour of a curve.
    fn count(svg: &str, element: &str, attribute: &str, curve: usize) -> usize {
        let RGBColor(red, green, blue) = colour(curve);
        let coloured = format!("{attribute}=\"#{red:02X}{green:02X}{blue:02X}\"");
        svg.lines().filter(|line| line.starts_with(element) && line.contains(&coloured)).count()
    }

    #[test]
    fn every_panel_has_a_line_and_a_band_for_each_curve() {
        for (spaces, curves, evaluations) in [(1, 1, 1), (1, 3, 2), (3, 9, 200), (7, 4, 60), (2, 2, 100_000)] {
            let svg = svg("a title", &panels(spaces, curves, evaluations)).unwrap();
            let case = format!("{spaces} panels, {curves} curves, {evaluations} evaluations");
            for curve in 0..curves {
                assert_eq!(count(&svg, "<polyline", "stroke", curve), spaces, "{case}");
                assert_eq!(count(&svg, "<polygon", "fill", curve), spaces, "{case}");
            }
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{case}");
            assert!(svg.contains("&lt;0&gt; &amp; more") && svg.trim_end().ends_with("</svg>"), "{case}");
        }
    }

    #[test]
    fn places_are_all_evaluations_at_first_and_fewer_later() {
        assert_eq!(places(1), [1]);
        assert_eq!(places(4), [1, 2, 3, 4]);
        assert_eq!(places(49), (1..=49).collect::<Vec<_>>());
        assert_eq!(places(60), (10..=60).collect::<Vec<_>>());
        let many = places(100_000);
        assert!(many.len() <= MOST_POINTS + 1 && many.windows(2).all(|pair| pair[0] < pair[1]), "{many:?}");
        assert_eq!((many[0], many.last()), (10, Some(&100_000)));
    }

    #[test]
    fn ticks_lie_between_the_ends() {
        assert_eq!(ticks(5.0, 200.0), [5.0, 10.0, 20.0, 50.0, 100.0, 200.0]);
        assert_eq!(ticks(1.0, 4.0), [1.0, 2.0]);
    }
}
