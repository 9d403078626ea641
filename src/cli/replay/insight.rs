//! What compiling shows of the configs of a recording that this program has the template of.

use std::collections::HashMap;
use std::sync::Arc;

use crate::backend::vta::{PROFILES, facts, hardware_of};
use crate::base::DeviceFacts;
use crate::interchange::Recording;
use crate::measure::Compiled;
use crate::op::{Shared, Signature, Template, resolve, tuned_templates};
use crate::record::Insight;
use crate::space::{Config, Space};

/// Compiles configs of a recording as those of a template.
#[derive(Debug)]
struct Recorded {
    compiled: Compiled,
    /// What they are in the template's own space.
    configs: HashMap<Config, Config>,
}

impl Insight for Recorded {
    fn seen(&self, config: &Config) -> Option<Vec<f64>> {
        self.compiled.seen(self.configs.get(config)?)
    }
}

/// The insight into a recording whose configs make this space.
///
/// # Errors
/// Why its configs cannot be compiled, as an end of a sentence.
pub(super) fn insight(recording: &Recording, space: &Space) -> Result<Arc<dyn Insight>, String> {
    let signature = resolve(&recording.kernel).map_err(|error| format!("its kernel is none of ours: {error}"))?;
    // Where it is no accelerator, every config fits.
    let accelerator = hardware_of(&recording.device).map(|hardware| facts(&hardware, &PROFILES[0]));
    let device = accelerator.unwrap_or_else(DeviceFacts::boundless);
    let recorded: Vec<Config> = space.iter().collect();
    let of = |template| matched(&template, &signature, &device, &recorded).map(|configs| (template, configs));
    let mut templates = tuned_templates(&signature, device.language()).into_iter();
    let (template, configs) = templates.find_map(of).ok_or("no template has all of its configs")?;
    Ok(Arc::new(Recorded { compiled: Compiled::new(template, signature, device), configs }))
}

/// Each recorded config in the space of a template, if it has them all.
fn matched(
    template: &Shared<dyn Template>,
    signature: &Signature,
    device: &DeviceFacts,
    recorded: &[Config],
) -> Option<HashMap<Config, Config>> {
    let space = template.space(signature, device);
    let pair = |config: &Config| Some((config.clone(), space.config(&config.values()).ok()?));
    recorded.iter().map(pair).collect()
}
