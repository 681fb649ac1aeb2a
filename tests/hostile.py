"""Texts as nobody should write them, for property tests of what cleans and renders."""

from hypothesis import strategies as st

PARTS = r"""
<p> </p> <h1> <h2> </h2> <h3> <ul> </ul> <ol> <li> </li> <strong> </strong> <em> <a </a>
<blockquote> </blockquote> <table> </table> <thead> <tbody> <tfoot> <tr> <td> <th> </tr> <caption> </caption>
<br> <menu> </menu> <svg> <math> <style> </style>
<script> </script> <!-- --> <img <iframe> <object> <textarea> <title> <noscript> <template> <select> <option>
<plaintext> <b> </em> href="/x" href='javascript:alert(1)' href="https://e.org/" style="x" onclick="y"
id="main" >
[@a] [@b] [@zz] [@ stroke Stroke ischaemic &lt; &#0; &#x1f; &amp; " ' < ] placebo 12
"""
FRAGMENTS = st.sampled_from([*PARTS.split(), '<a href="/x">', "\x00", "\ufffe", "\ud800"])
HOSTILE = st.lists(st.one_of(FRAGMENTS, st.text(max_size=8)), max_size=40).map(" ".join) | st.text()
