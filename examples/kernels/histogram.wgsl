// How often each of 256 values occurs among n bytes, four of which lie in each word.
//
// Each workgroup counts WG·ITEMS words. With `local` it counts into COPIES tables of its own in workgroup memory, which
// invocations share by turns, and adds them to the result in the end; without, all invocations count into the result.

override WG: u32 = 256u;   // invocations of a workgroup
override ITEMS: u32 = 4u;  // words that one invocation counts

struct Shape {
    words: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> bytes: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<atomic<u32>, 256>;

{% if local %}
const COPIES = {{ COPIES }}u;
var<workgroup> tables: array<atomic<u32>, 256u * COPIES>;

{% endif %}
@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    {% if local %}
    for (var bin = local; bin < 256u * COPIES; bin += WG) {
        atomicStore(&tables[bin], 0u);
    }
    workgroupBarrier();
    let table = (local % COPIES) * 256u;
    {% endif %}
    for (var item = 0u; item < ITEMS; item += 1u) {
        let at = (group.x * ITEMS + item) * WG + local;
        if (at < shape.words) {
            let word = bytes[at];
            for (var shift = 0u; shift < 32u; shift += 8u) {
                let bin = (word >> shift) & 255u;
                {% if local %}
                atomicAdd(&tables[table + bin], 1u);
                {% else %}
                atomicAdd(&counts[bin], 1u);
                {% endif %}
            }
        }
    }
    {% if local %}
    workgroupBarrier();
    for (var bin = local; bin < 256u; bin += WG) {
        var sum = 0u;
        for (var copy = 0u; copy < COPIES; copy += 1u) {
            sum += atomicLoad(&tables[copy * 256u + bin]);
        }
        atomicAdd(&counts[bin], sum);
    }
    {% endif %}
}
