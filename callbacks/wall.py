"""Wires the clicks that need no server: county, drawer, list of sources."""

from dash import ALL, ClientsideFunction, Dash, Input, Output

from components.wall import Ids, tile_id


def register(app: Dash) -> None:
    """Attach the wall's clientside callbacks; their functions stand in assets/wall.js."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("zhizhi", "area"),
        Output(Ids.AREA, "data"),
        Input(Ids.MAP, "clickData"),
        Input(Ids.AREA_HOME, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("zhizhi", "drawer"),
        Output(Ids.DRAWER, "className"),
        Input(tile_id(ALL), "n_clicks"),
        Input(Ids.DRAWER_CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("zhizhi", "overlay"),
        Output(Ids.SOURCES, "className"),
        Input(Ids.SOURCES_BUTTON, "n_clicks"),
        Input(Ids.SOURCES_CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
