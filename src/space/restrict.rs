//! Restriction: the same space with fewer values to choose from.

use super::{Config, Law, Param, Scale, Space, SpaceError, Value};

impl Space {
    /// This space with some parameters narrowed to these values: rules and features stay, and the values keep their
    /// order. What is listed for one parameter several times counts together; parameters that are not named stay whole.
    ///
    /// # Errors
    /// When a parameter does not exist, or a value is none of its own, or none is left to it.
    pub fn restricted(self, choices: &[(String, Vec<Value>)]) -> Result<Self, SpaceError> {
        let known = |name: &String| self.params.iter().any(|param| param.name == *name);
        if let Some((name, _)) = choices.iter().find(|(name, _)| !known(name)) {
            return Err(SpaceError::unknown(name, &self.params));
        }
        let kept = self.params.iter().map(|param| kept(param, choices)).collect::<Result<Vec<_>, _>>()?;
        let params = self.params.iter().zip(&kept).map(|(param, kept)| narrowed(param, kept)).collect::<Vec<_>>();
        let scales = params.iter().zip(self.scales.iter().zip(&kept));
        let scales = scales.map(|(param, (old, kept))| old.narrowed(Scale::new(&param.values), kept)).collect();
        let features = self.features;
        match self.law {
            Law::Rules { rules, .. } => Ok(Self { features, ..Self::scaled(params, scales, rules) }),
            Law::Points(points) => {
                let mut space = Self { features, ..Self::scaled(params, scales, Vec::new()) };
                let points = points.iter().filter_map(|point| space.within(point, &kept)).collect();
                space.law = Law::Points(points);
                Ok(space)
            }
        }
    }

    /// The point at its new positions, if it has such.
    fn within(&self, point: &Config, kept: &[Vec<u16>]) -> Option<Config> {
        let position = |(kept, old): (&Vec<u16>, &u16)| kept.binary_search(old).ok().map(|new| new as u16);
        let positions = kept.iter().zip(point.positions()).map(position).collect::<Option<Vec<u16>>>()?;
        Some(self.at(&positions))
    }
}

/// The positions of a parameter that are left, in ascending order.
fn kept(param: &Param, choices: &[(String, Vec<Value>)]) -> Result<Vec<u16>, SpaceError> {
    let named = || choices.iter().filter(|(name, _)| *name == param.name);
    if named().next().is_none() {
        return Ok((0..param.values.len()).map(|position| position as u16).collect());
    }
    let mut kept = named().flat_map(|(_, values)| values).map(|v| param.position(v)).collect::<Result<Vec<_>, _>>()?;
    kept.sort_unstable();
    kept.dedup();
    if kept.is_empty() { Err(SpaceError::NoValues { param: param.name.clone() }) } else { Ok(kept) }
}

fn narrowed(param: &Param, kept: &[u16]) -> Param {
    let values = kept.iter().map(|&position| param.values[usize::from(position)].clone());
    Param::new(param.name.clone(), param.about.clone(), values)
}
