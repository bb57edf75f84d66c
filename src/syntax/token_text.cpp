#include <algorithm>
#include <utility>

#include "syntax/build.hpp"

namespace eventflux::syntax {

namespace {

using Bytes = std::vector<std::uint32_t>;

std::size_t width_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

// ANTLR counts characters where everything else counts bytes.
Bytes character_bytes(std::string_view text) {
  if (characters(text) == text.size()) return {};
  Bytes bytes;
  for (std::size_t at = 0; at < text.size(); at += width_of(static_cast<unsigned char>(text[at])))
    bytes.push_back(static_cast<std::uint32_t>(at));
  return bytes;
}

std::u32string decode(std::string_view text) {
  std::u32string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t width = width_of(lead);
    char32_t code = width == 1 ? lead : lead & (0xFFU >> (width + 1));
    for (std::size_t next = at + 1; next < at + width && next < text.size(); ++next)
      code = (code << 6U) | (static_cast<unsigned char>(text[next]) & 0x3FU);
    decoded.push_back(code);
    at += width;
  }
  return decoded;
}

}  // namespace

FoldedStream::FoldedStream(std::u32string characters) {
  _data = std::move(characters);
}

std::size_t FoldedStream::LA(ssize_t offset) {
  const std::size_t character = ANTLRInputStream::LA(offset);
  return character >= 'a' && character <= 'z' ? character - ('a' - 'A') : character;
}

TokenText::TokenText(std::string_view text)
    : text_(text),
      bytes_(character_bytes(text)),
      characters_(decode(text)),
      lexer_(&characters_),
      stream_(&lexer_) {
  lexer_.removeErrorListeners();
  stream_.fill();
  tokens_ = stream_.getTokens();
}

std::uint32_t TokenText::byte_of(std::size_t character) const {
  if (bytes_.empty()) return static_cast<std::uint32_t>(std::min(character, text_.size()));
  if (character >= bytes_.size()) return static_cast<std::uint32_t>(text_.size());
  return bytes_[character];
}

Place TokenText::place(const antlr4::Token* token) const {
  return place(token, token);
}

// The end of the text is shown behind its last word, as one character that does not exist.
Place TokenText::place(const antlr4::Token* first, const antlr4::Token* last) const {
  Place place;
  if (first->getType() == antlr4::Token::EOF) {
    std::size_t index = first->getTokenIndex();
    while (index > 0 && tokens_[index - 1]->getChannel() != 0)
      --index;
    place.begin = index > 0 ? byte_of(tokens_[index - 1]->getStopIndex() + 1) : 0;
    place.end = place.begin + 1;
    return place;
  }
  place.begin = byte_of(first->getStartIndex());
  place.end = byte_of(last->getStopIndex() + 1);
  return place;
}

Place TokenText::place(const Tree* tree) const {
  return place(tree->start, tree->stop != nullptr ? tree->stop : tree->start);
}

std::string_view TokenText::text(const antlr4::Token* token) const {
  if (token->getType() == antlr4::Token::EOF) return {};
  const std::uint32_t begin = byte_of(token->getStartIndex());
  return text_.substr(begin, byte_of(token->getStopIndex() + 1) - begin);
}

}  // namespace eventflux::syntax
