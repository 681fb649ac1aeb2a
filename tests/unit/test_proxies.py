import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import proxies

OURS = proxies.networks(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"])


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        pytest.param("203.0.113.5", "", "203.0.113.5", id="straight to us"),
        pytest.param("203.0.113.5", "198.51.100.1", "203.0.113.5", id="a stranger's header is not read"),
        pytest.param("10.0.0.1", "203.0.113.5", "203.0.113.5", id="behind one proxy"),
        pytest.param("10.0.0.1", "203.0.113.5, 10.0.0.2", "203.0.113.5", id="behind two"),
        pytest.param(
            "10.0.0.1", "198.51.100.1, 203.0.113.5", "203.0.113.5", id="what the visitor wrote first"
        ),
        pytest.param(
            "10.0.0.1", "10.9.9.9, 203.0.113.5", "203.0.113.5", id="a visitor who claims to be ours"
        ),
        pytest.param("10.0.0.1", "", "10.0.0.1", id="the proxy says nothing"),
        pytest.param("10.0.0.1", "10.0.0.2", "10.0.0.2", id="somebody inside"),
        pytest.param(
            "10.0.0.1", "203.0.113.5, unknown", "10.0.0.1", id="no further than what cannot be read"
        ),
        pytest.param("10.0.0.1", "<script>, 203.0.113.5", "203.0.113.5", id="nonsense beyond the visitor"),
        pytest.param("10.0.0.1", "203.0.113.5:4711", "203.0.113.5", id="with a port"),
        pytest.param("10.0.0.1", "[2001:4860::8]:443", "2001:4860::8", id="IPv6 with a port"),
        pytest.param("2001:db8::1", "2001:4860::8", "2001:4860::8", id="IPv6 proxy"),
        pytest.param("::ffff:10.0.0.1", "203.0.113.5", "203.0.113.5", id="IPv4 written as IPv6"),
        pytest.param("10.0.0.1:5000", "203.0.113.5", "203.0.113.5", id="a server that adds the port"),
        pytest.param("", "203.0.113.5", "", id="a socket without an address"),
        pytest.param("unix:", "203.0.113.5", "", id="a server that names its socket"),
        pytest.param(
            "10.0.0.1", "203.0.113.5" + ",10.0.0.2" * 19, "203.0.113.5", id="behind the longest chain"
        ),
        pytest.param(
            "10.0.0.1", "203.0.113.5" + ",10.0.0.2" * 20, "10.0.0.2", id="no further than the longest chain"
        ),
        pytest.param("10.0.0.1", "198.51.100.1," * 5000 + "203.0.113.5", "203.0.113.5", id="a long list"),
    ],
)
def test_whose_request_it_is(peer, forwarded_for, client):
    assert proxies.client_address(peer, forwarded_for, OURS) == client


def test_without_trusted_proxies_only_the_peer_counts():
    assert proxies.client_address("10.0.0.1", "203.0.113.5", ()) == "10.0.0.1"


@given(peer=st.text(), forwarded_for=st.text(alphabet=st.sampled_from("0123456789abcdef:.,[]% \x00é")))
def test_any_text_gives_an_address_or_nothing(peer, forwarded_for):
    for seen_by in (peer, "10.0.0.1"):
        client = proxies.client_address(seen_by, forwarded_for, OURS)
        assert client == "" or str(ipaddress.ip_address(client)) == client


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy.example.org", "10.0.0", ""])
def test_what_is_no_network_is_refused_by_name(text):
    with pytest.raises(ValueError, match=repr(text).replace(".", r"\.")):
        proxies.networks(["10.0.0.0/8", text])
