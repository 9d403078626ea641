{#- The order in which workgroups visit the tiles of a matrix: tiles that run at the same time should share rows and
    columns, so that caches serve them.

    `band` rows of tiles are visited together, column by column. 1 is row by row; 0 is one band of all rows, column by
    column.

        band = 2:   0 2 4 6
                    1 3 5 7
                    8 9 . .      (the last band is as high as is left) -#}
{% macro definition(band) -%}
// The column (x) and the row (y) of the tile that is visited at this place.
fn tile_at(place: u32, tiles_m: u32, tiles_n: u32) -> vec2<u32> {
{% if band == 0 %}
  return vec2<u32>(place / tiles_m, place % tiles_m);
{% elif band == 1 %}
  return vec2<u32>(place % tiles_n, place / tiles_n);
{% else %}
  let first = place / ({{ band }}u * tiles_n) * {{ band }}u;
  let height = min({{ band }}u, tiles_m - first);
  let within = place % ({{ band }}u * tiles_n);
  return vec2<u32>(within / height, first + within % height);
{% endif %}
}
{%- endmacro %}
