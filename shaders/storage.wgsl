{# The uniform block and the numbering of workgroups: every kernel imports this. #}
