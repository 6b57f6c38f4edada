# `just` lists the recipes.
default:
    @just --list

# Virtual days over the router: how near to the best possible, against two simple routers; then K1 and K2.
simulate *options:
    cargo bench --bench simulate -- {{ options }}
